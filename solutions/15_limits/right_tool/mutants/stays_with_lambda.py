# fails task 2: tool.cannot-do-it
LIMITS = {"minutes": 15, "memory_mb": 10240, "tmp_mb": 10240, "package_mb": 250, "answer_mb": 6}
IMAGE_MB = 10240  # as a container image, a package may be larger


def too_much(job):
    """The limits that a job breaks, in the order of the table."""
    return [name for name, most in LIMITS.items() if job.get(name, 0) > most]


def tool(job, broken):
    """The simplest tool that can do the job."""
    if job.get("always_on"):
        return "EC2"
    if not broken:
        return "Lambda"
    if broken == ["answer_mb"]:
        return "Lambda and S3"
    if broken == ["package_mb"] and job["package_mb"] <= IMAGE_MB:
        return "Lambda with an image"
    if broken == ["minutes"] and 0 < job.get("longest_step", 0) <= LIMITS["minutes"]:
        return "Step Functions"
    return "Lambda"


def lambda_handler(event, context):
    """Answers {"too_much": [...], "tool": "..."} for a job. Nothing to change here."""
    broken = too_much(event)
    return {"too_much": broken, "tool": tool(event, broken)}
