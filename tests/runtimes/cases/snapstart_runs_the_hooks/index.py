from snapshot_restore_py import register_after_restore, register_before_snapshot


@register_before_snapshot
def first():
    print("before: registered first")


register_before_snapshot(print, "before: registered last", end="\n")
register_after_restore(print, "after: registered first")
register_after_restore(print, "after: registered last")


def handler(event, context):
    return "restored"
