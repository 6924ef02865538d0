package com.amazonaws.services.lambda.runtime;

/** The mobile application that invokes a function. */
public interface Client {
    String getInstallationId();

    String getAppTitle();

    String getAppVersionName();

    String getAppVersionCode();

    String getAppPackageName();
}
