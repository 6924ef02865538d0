package sandboxclient;

import com.amazonaws.services.lambda.runtime.Client;
import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The context object, from the headers of an event and the environment. */
record InvocationContext(Map<String, String> headers, LambdaLogger logger) implements Context {
    private record Identity(String getIdentityId, String getIdentityPoolId) implements CognitoIdentity {}

    private record MobileClient(
            String getInstallationId,
            String getAppTitle,
            String getAppVersionName,
            String getAppVersionCode,
            String getAppPackageName)
            implements Client {}

    private record MobileContext(Client getClient, Map<String, String> getCustom, Map<String, String> getEnvironment)
            implements ClientContext {}

    @Override
    public String getAwsRequestId() {
        return headers.get("lambda-runtime-aws-request-id");
    }

    @Override
    public String getLogGroupName() {
        return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
    }

    @Override
    public String getLogStreamName() {
        return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
    }

    @Override
    public String getFunctionName() {
        return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
    }

    @Override
    public String getFunctionVersion() {
        return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
    }

    @Override
    public String getInvokedFunctionArn() {
        return headers.get("lambda-runtime-invoked-function-arn");
    }

    @Override
    public int getRemainingTimeInMillis() {
        long left = Long.parseLong(headers.get("lambda-runtime-deadline-ms")) - System.currentTimeMillis();
        return (int) Math.max(0, Math.min(left, Integer.MAX_VALUE));
    }

    @Override
    public int getMemoryLimitInMB() {
        return Integer.parseInt(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
    }

    @Override
    public LambdaLogger getLogger() {
        return logger;
    }

    @Override
    public String getTenantId() {
        return headers.get("lambda-runtime-aws-tenant-id");
    }

    @Override
    public String getXrayTraceId() {
        return headers.get("lambda-runtime-trace-id");
    }

    @Override
    public CognitoIdentity getIdentity() {
        Map<String, String> said = texts(json("lambda-runtime-cognito-identity"));
        return said == null ? null : new Identity(said.get("cognitoIdentityId"), said.get("cognitoIdentityPoolId"));
    }

    @Override
    public ClientContext getClientContext() {
        if (!(json("lambda-runtime-client-context") instanceof Map<?, ?> said)) return null;
        Map<String, String> client = texts(said.get("client"));
        Client mobile = client == null ? null : new MobileClient(
                client.get("installation_id"),
                client.get("app_title"),
                client.get("app_version_name"),
                client.get("app_version_code"),
                client.get("app_package_name"));
        return new MobileContext(mobile, texts(said.get("custom")), texts(said.get("env")));
    }

    private Object json(String header) {
        try {
            String text = headers.getOrDefault(header, "");
            return text.isEmpty() ? null : JsonReader.read(text);
        } catch (IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }

    private static Map<String, String> texts(Object json) {
        if (!(json instanceof Map<?, ?> members)) return null;
        Map<String, String> texts = new LinkedHashMap<>();
        members.forEach((name, value) -> texts.put((String) name, value == null ? null : value.toString()));
        return texts;
    }
}
