# frozen_string_literal: true

require "json"
require "logger"

# Where `puts` and loggers write: each record stays one event of the log, because type, length and time go before it.
class LogSink < Logger::LogDevice
  def initialize(file) # not the one of LogDevice: nothing here is opened, rotated or closed
    @file = file
    @lock = Mutex.new
  end

  def write(text)
    text = text.b
    head = [0xa55a0003, text.bytesize, Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)]
    @lock.synchronize { @file.write(head.pack("L>L>Q>") << text) }
  end

  def reopen(_log = nil); end

  def close; end
end

# A line of a logger as text, with the request it belongs to.
class LambdaLogFormatter < Logger::Formatter
  FORM = "%<sev>s, [%<datetime>s #%<process>d] %<severity>5s %<request_id>s -- %<progname>s: %<msg>s\n"

  def call(severity, time, progname, message)
    format(FORM, sev: severity[0], datetime: format_datetime(time), process: $$, severity: severity,
                 request_id: Logs.request_id, progname: progname, msg: msg2str(message))
  end
end

# A line of a logger as JSON.
class JsonLogFormatter < Logger::Formatter
  def call(severity, time, progname, message)
    is_error = message.is_a?(Exception)
    line = { timestamp: time.utc.strftime("%Y-%m-%dT%H:%M:%S.%6NZ"), level: severity,
             message: is_error ? message.message : msg2str(message), requestId: Logs.request_id,
             logger: progname.to_s.empty? ? nil : progname.to_s }
    if is_error
      line.update(errorType: message.class.to_s, errorMessage: message.message, stackTrace: message.backtrace.to_a)
    end
    "#{JSON.generate(line.compact)}\n"
  end
end

# Loggers that write to standard output, or nowhere, write Lambda's lines.
module LambdaLoggers
  LEVELS = { "TRACE" => Logger::DEBUG, "DEBUG" => Logger::DEBUG, "INFO" => Logger::INFO, "WARN" => Logger::WARN,
             "ERROR" => Logger::ERROR, "FATAL" => Logger::FATAL }.freeze

  def initialize(device, *rotation, **options)
    if !device || device == $stdout || device == $stderr
      device = Logs.sink || device || $stdout
      is_json = ENV["AWS_LAMBDA_LOG_FORMAT"].to_s.upcase == "JSON"
      options[:formatter] ||= is_json ? JsonLogFormatter.new : LambdaLogFormatter.new
      options[:level] ||= LEVELS.fetch(ENV["AWS_LAMBDA_LOG_LEVEL"].to_s.upcase, Logger::DEBUG)
    end
    super(device, *rotation, **options)
  end
end

# The log of the function.
module Logs
  class << self
    attr_accessor :sink, :request_id

    def open
      $stdout.sync = true
      Logger.prepend(LambdaLoggers)
      return unless (descriptor = ENV.delete("_LAMBDA_TELEMETRY_LOG_FD"))

      file = IO.new(descriptor.to_i, "wb", autoclose: false)
      file.sync = true
      sink = self.sink = LogSink.new(file)
      Kernel.define_method(:puts) do |*what|
        text = what.flatten.map { |each| each.to_s.encode("UTF-8") }.join("\n")
        sink.write(text.end_with?("\n") ? text : "#{text}\n")
        nil
      end
    end

    # Logs an error that ends an invocation, or the runtime.
    def error(label, error)
      puts label
      puts JSON.pretty_generate(error.answer)
    end
  end
end
