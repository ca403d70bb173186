# Cluster: which rules are no jobs of their own there. No rules.


# Where Snakemake itself runs: what needs the internet, and what is done in seconds.
localrules:
    all,
    fetch,
    weights,
    draw_characters,
    pool,
    draw,
    collect,
    collect_distillation,
    timings,
    compare,
    contrasts,
    choices,
    depth,
    forecast,
    mistakes,
    place,
    thumbnails,
    paper,
    plot_tables,
    plot_curves,
    index_figures,
    report,
