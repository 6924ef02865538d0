# frozen_string_literal: true

# The first file that runs in a Ruby function's process:  ruby bootstrap.rb HANDLER [OPT]

require_relative "runtime_api"
require_relative "logs"
require_relative "context"
require_relative "handler"

name, opt = ARGV.slice!(0..)
root = File.realpath(ENV.fetch("LAMBDA_TASK_ROOT"))
FunctionError.task = root
if opt
  ENV["GEM_PATH"] = ENV["GEM_PATH"].to_s.gsub("/opt/", "#{opt}/").gsub("/var/task/", "#{root}/")
  Gem.clear_paths
  $LOAD_PATH.unshift("#{opt}/ruby/lib")
end
$LOAD_PATH.unshift(root)
Logs.open
api = RuntimeApi.new(ENV.fetch("AWS_LAMBDA_RUNTIME_API"))

begin
  handler = LambdaHandler.new(name)
  require handler.handler_file_name
rescue Exception => error # whatever the function's code raises
  error = FunctionError.new(error, during: "Init")
  Logs.error("Init error when loading handler ", error)
  api.fail_init(error.answer.to_json, error.type)
  exit(-4)
end

loop do
  event = api.next_event
  Logs.request_id = event.headers["lambda-runtime-aws-request-id"]
  ENV["_X_AMZN_TRACE_ID"] = event.headers["lambda-runtime-trace-id"]
  body = event.body.force_encoding("UTF-8")
  input = event.headers["content-type"] == "application/json" ? JSON.parse(body) : body
  begin
    api.respond(event, *handler.call_handler(input, LambdaContext.new(event.headers)))
  rescue FunctionError => error
    Logs.error(error.fatal ? "Critical exception from handler" : "Error raised from handler method", error)
    api.fail(event, error.answer.to_json, error.type)
    exit(-1) if error.fatal
  end
end
