# task 1: what Lambda allows, in the order of the README's table
LIMITS = {"minutes": ..., "memory_mb": ..., "tmp_mb": ..., "package_mb": ..., "answer_mb": ...}


def too_much(job):
    """The limits that a job breaks, in the order of the table. About 1 line."""
    raise NotImplementedError("task 1: name the limits that a job breaks")


def tool(job, broken):
    """The simplest tool that can do the job. About 11 lines."""
    raise NotImplementedError("task 2: choose the simplest tool that can do it")


def lambda_handler(event, context):
    """Answers {"too_much": [...], "tool": "..."} for a job. Nothing to change here."""
    broken = too_much(event)
    try:
        return {"too_much": broken, "tool": tool(event, broken)}
    except NotImplementedError as error:
        return {"too_much": broken, "tool": str(error)}
