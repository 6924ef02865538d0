def handler(event, context):
    client_context = context.client_context
    return {
        "client": repr(client_context and client_context.client),
        "custom": client_context and client_context.custom,
        "env": client_context and client_context.env,
        "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
        "tenant": context.tenant_id,
        "w3c": context.w3c(),
        "all": str(context),
    }
