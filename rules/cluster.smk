# Cluster: which rules are no jobs of their own there, and what is asked of Slurm first. No rules.

from fewshot.study.slurm_check import refusals


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
    plot_curves,
    plot_curves_together,
    plot_accuracy,
    plot_distillation,
    plot_costs,
    plot_comparison,
    index_figures,
    report,


onstart:
    if workflow.executor_plugin.name == "slurm":
        dag = workflow.dag
        sent = dict.fromkeys(dag.get_job_group(job) or job for job in dag.needrun_jobs())
        if refused := refusals(sent):
            raise WorkflowError("\n".join(refused))
