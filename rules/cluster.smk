# Cluster: which rules are no jobs of their own there. No rules.


# Where Snakemake itself runs: what needs the internet, and what is done in seconds.
localrules:
    all,
    fetch,
    weights,
    draw_characters,
    pool,
    split,
    collect,
    collect_distillation,
    timings,
    compare,
    plot_curves,
    plot_curves_together,
    plot_accuracy,
    plot_distillation,
    plot_costs,
    plot_comparison,
    index_figures,
    report,
