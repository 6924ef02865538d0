package com.amazonaws.services.lambda.runtime;

/** The Cognito identity in whose name a function is invoked. */
public interface CognitoIdentity {
    String getIdentityId();

    String getIdentityPoolId();
}
