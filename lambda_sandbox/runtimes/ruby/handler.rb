# frozen_string_literal: true

require "stringio"
require_relative "errors"

# A function's handler: `file.method`, or `file.Class.method` of a class or module.
class LambdaHandler
  FORM = "must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD where FILENAME corresponds with an existing Ruby " \
    "source file FILENAME.rb, CLASS is an optional module/class namespace and METHOD is a callable method. If using " \
    "CLASS, METHOD must be a class-level method."

  attr_reader :handler_file_name

  def initialize(name)
    parts = name.split(".")
    raise ArgumentError, "Invalid handler #{parts}, #{FORM}" unless [2, 3].include?(parts.size)

    @handler_file_name, *@class, @method = parts
  end

  # The answer to an event, as [text, content type]. Raises FunctionError.
  def call_handler(event, context)
    receiver = @class.empty? ? self : Kernel.const_get(@class.first)
    answer = receiver.__send__(@method, event: event, context: context)
    return [answer.read, "application/unknown"] if answer.is_a?(StringIO) || answer.is_a?(IO)

    [answer.to_json, "application/json"]
  rescue NameError => error # a missing method too: AWS ends the runtime for these, and goes on after other errors
    raise FunctionError.new(error, fatal: true)
  rescue StandardError => error
    raise FunctionError.new(error)
  rescue Exception => error
    raise FunctionError.new(error, fatal: true)
  end
end
