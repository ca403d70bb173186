"""The presets of KerasHub: what builds each, and how many blocks it has."""

# As keras-hub 0.32 has them, by class and number of blocks.
_NAMES = {
    ("DINOV2Backbone", 12): """
        dinov2_small dinov2_base dinov2_with_registers_small dinov2_with_registers_base
    """,
    ("DINOV2Backbone", 24): """
        dinov2_large dinov2_with_registers_large
    """,
    ("DINOV2Backbone", 40): """
        dinov2_giant dinov2_with_registers_giant
    """,
    ("DINOV3Backbone", 12): """
        dinov3_vit_small_lvd1689m dinov3_vit_small_plus_lvd1689m dinov3_vit_base_lvd1689m
    """,
    ("DINOV3Backbone", 24): """
        dinov3_vit_large_lvd1689m dinov3_vit_large_sat493m
    """,
    ("DINOV3Backbone", 32): """
        dinov3_vit_huge_plus_lvd1689m
    """,
    ("DINOV3Backbone", 40): """
        dinov3_vit_7b_lvd1689m dinov3_vit_7b_sat493m
    """,
    ("SigLIPVisionEncoder", 12): """
        siglip_base_patch16_224 siglip_base_patch16_256 siglip_base_patch16_384
        siglip_base_patch16_512 siglip_base_patch16_256_multilingual siglip2_base_patch16_224
        siglip2_base_patch16_256 siglip2_base_patch32_256 siglip2_base_patch16_384
    """,
    ("SigLIPVisionEncoder", 24): """
        siglip_large_patch16_256 siglip_large_patch16_384 siglip2_large_patch16_256
        siglip2_large_patch16_384 siglip2_large_patch16_512
    """,
    ("SigLIPVisionEncoder", 27): """
        siglip_so400m_patch14_224 siglip_so400m_patch14_384 siglip_so400m_patch16_256_i18n
        siglip2_so400m_patch14_224 siglip2_so400m_patch14_384 siglip2_so400m_patch16_256
        siglip2_so400m_patch16_384 siglip2_so400m_patch16_512 medsiglip_900m_448
    """,
    ("SigLIPVisionEncoder", 40): """
        siglip2_giant_opt_patch16_256 siglip2_giant_opt_patch16_384
    """,
    ("CLIPVisionEncoder", 12): """
        clip_vit_base_patch16 clip_vit_base_patch32 clip_vit_b_32_laion2b_s34b_b79k
    """,
    ("CLIPVisionEncoder", 24): """
        clip_vit_large_patch14 clip_vit_large_patch14_336
    """,
    ("CLIPVisionEncoder", 32): """
        clip_vit_h_14_laion2b_s32b_b79k
    """,
    ("CLIPVisionEncoder", 40): """
        clip_vit_g_14_laion2b_s12b_b42k
    """,
    ("CLIPVisionEncoder", 48): """
        clip_vit_bigg_14_laion2b_39b_b160k
    """,
    ("ViTBackbone", 12): """
        vit_base_patch16_224_imagenet vit_base_patch16_384_imagenet
        vit_base_patch32_384_imagenet vit_base_patch16_224_imagenet21k
        vit_base_patch32_224_imagenet21k
    """,
    ("ViTBackbone", 24): """
        vit_large_patch16_224_imagenet vit_large_patch16_384_imagenet
        vit_large_patch32_384_imagenet vit_large_patch16_224_imagenet21k
        vit_large_patch32_224_imagenet21k
    """,
    ("ViTBackbone", 32): """
        vit_huge_patch14_224_imagenet21k
    """,
    ("DeiTBackbone", 12): """
        deit_base_distilled_patch16_384_imagenet deit_base_distilled_patch16_224_imagenet
        deit_tiny_distilled_patch16_224_imagenet deit_small_distilled_patch16_224_imagenet
    """,
    ("SwinTransformerBackbone", 4): """
        swin_tiny_patch4_window7_224 swin_small_patch4_window7_224 swin_base_patch4_window7_224
        swin_base_patch4_window12_384 swin_large_patch4_window7_224
        swin_large_patch4_window12_384
    """,
    ("ResNetBackbone", 4): """
        resnet_18_imagenet resnet_50_imagenet resnet_101_imagenet resnet_152_imagenet
        resnet_v2_50_imagenet resnet_v2_101_imagenet resnet_vd_18_imagenet resnet_vd_34_imagenet
        resnet_vd_50_imagenet resnet_vd_50_ssld_imagenet resnet_vd_50_ssld_v2_imagenet
        resnet_vd_50_ssld_v2_fix_imagenet resnet_vd_101_imagenet resnet_vd_101_ssld_imagenet
        resnet_vd_152_imagenet resnet_vd_200_imagenet
    """,
    ("EfficientNetBackbone", 5): """
        efficientnet_b0_ra_imagenet efficientnet_b0_ra4_e3600_r224_imagenet
        efficientnet_b1_ft_imagenet efficientnet_b1_ra4_e3600_r240_imagenet
        efficientnet_b2_ra_imagenet efficientnet_b3_ra2_imagenet efficientnet_b4_ra2_imagenet
        efficientnet_b5_sw_imagenet efficientnet_b5_sw_ft_imagenet efficientnet_el_ra_imagenet
        efficientnet_em_ra2_imagenet efficientnet_es_ra_imagenet efficientnet2_rw_m_agc_imagenet
        efficientnet2_rw_s_ra2_imagenet efficientnet2_rw_t_ra2_imagenet
        efficientnet_lite0_ra_imagenet
    """,
}
PRESETS = {name: made for made, names in _NAMES.items() for name in names.split()}
