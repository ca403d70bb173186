# How well does a frozen, pretrained network transfer to a new image task from a few images a class?
#
# Stages, each a rule file:  data  ->  backbone  ->  heads  ->  tables  ->  figures, views  ->  report
# What a study computes is in config.yaml; files given with --configfile replace it whole.

from snakemake.utils import min_version

min_version("9.27")


include: "rules/surroundings.smk"
include: "rules/study.smk"
include: "rules/common.smk"


wildcard_constraints:
    dataset=NAME,
    backbone=NAME,
    head=NAME,
    layer=LAYER,
    forward_pass="[^/]+",
    temperature="[0-9.e+-]+",
    shots="[0-9]+",
    student=NAME,
    predictor=NAME,
    part="[0-9]+",
    parts="[0-9]+",


include: "rules/data.smk"
include: "rules/backbone.smk"
include: "rules/heads.smk"
include: "rules/answers.smk"
include: "rules/depth.smk"
include: "rules/tables.smk"
include: "rules/figures.smk"
include: "rules/views.smk"
include: "rules/report.smk"
include: "rules/candidates.smk"
include: "rules/predictors.smk"
include: "rules/characters.smk"
include: "rules/cluster.smk"
include: "rules/run.smk"


rule all:
    """The report of the study, its predictors, and what may not be missing behind them."""
    default_target: True
    input:
        PAGE,
        KEPT,
        TAKEN,
