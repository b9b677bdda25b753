"""Progress bars for whatever takes more than five seconds."""


def progress_bar(description: str) -> dict:
    """Arguments for `rich.progress`: a bar on terminals, nothing elsewhere."""
    import rich.console

    console = rich.console.Console(stderr=True)
    return {
        "description": description,
        "console": console,
        "transient": True,
        "disable": not console.is_terminal,
    }
