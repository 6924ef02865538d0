TEMPLATE = """
Resources:
  Inbox:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${AWS::StackName}-inbox"  # task 1: who needs whom?
      NotificationConfiguration:
        LambdaConfigurations:
          - {Event: "s3:ObjectCreated:*", Function: !GetAtt Copier.Arn}

  Outbox:  # task 3: it goes with the stack
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${AWS::StackName}-outbox"

  MayInvoke:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Copier
      Action: lambda:InvokeFunction
      Principal: s3.amazonaws.com
      SourceArn: !GetAtt Inbox.Arn

  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: copy
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Inbox.Arn}/*"}
              - {Effect: Allow, Action: "s3:PutObject", Resource: !Sub "${Outbox.Arn}/*"}

  Copier:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: copier  # task 2: whose name is it?
      Runtime: python3.13
      Handler: index.handler
      Timeout: 10
      Role: !GetAtt Role.Arn
      Environment: {Variables: {OUTBOX: !Ref Outbox}}
      Code:
        ZipFile: |
          import os
          import boto3

          s3 = boto3.client("s3")

          def handler(event, context):
              for record in event["Records"]:
                  source = {"Bucket": record["s3"]["bucket"]["name"], "Key": record["s3"]["object"]["key"]}
                  s3.copy_object(CopySource=source, Bucket=os.environ["OUTBOX"], Key=source["Key"])
"""


def lambda_handler(event, context):
    """Answers with the template."""
    return TEMPLATE
