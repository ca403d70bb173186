# The study: its files checked, put together and filled in. No rules.
from fewshot.study.config_file import check_files
from fewshot.study.network_layers import find_layers
from fewshot.study.read import ConfigError, read_study

# With --configfile config.yaml is not read; --config changes what is.
FILES = [os.path.relpath(path) for path in workflow.overwrite_configfiles] or ["config.yaml"]
CHANGES = dict(workflow.config_settings.config)

try:
    # profiles/default does so, too, before Snakemake reads them.
    check_files(FILES)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

if not workflow.overwrite_configfiles:

    configfile: "config.yaml"


try:
    STUDY = read_study(config, CHANGES, find_layers)
except ConfigError as error:
    read = " and ".join([*FILES, *(["--config"] if CHANGES else [])])
    raise WorkflowError(
        f"{error}\nThis is what {read} say{'s' if read in FILES else ''}."
    ) from None
