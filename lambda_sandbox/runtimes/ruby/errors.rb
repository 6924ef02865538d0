# frozen_string_literal: true

# An error as the caller gets it; `fatal`: the runtime ends with it.
class FunctionError < StandardError
  NAMED = %w[ArgumentError NoMethodError Exception StandardError NameError LoadError SystemExit SystemStackError].freeze
  MOST_FRAMES = 100

  attr_reader :fatal

  class << self
    attr_accessor :task # the function's folder, if it is another than /var/task
  end

  def initialize(error, during: "Function", fatal: false)
    super(error.message)
    @error, @during, @fatal = error, during, fatal
  end

  def answer
    is_old = @error.respond_to?(:original_message) # before Ruby 3.2, which has no hints in messages any more
    message = is_old ? @error.original_message : @error.message
    { errorMessage: shown(message), errorType: "#{@during}<#{@error.class}>", stackTrace: frames }
  end

  # What the runtime calls it to Lambda.
  def type
    NAMED.include?(@error.class.to_s) ? "#{@during}<#{@error.class}>" : "Function<UserException>"
  end

  private

  # The frames of the function: those of the runtime, and all below them, are left out.
  def frames
    lines = (@error.backtrace_locations || []).first(MOST_FRAMES).map(&:to_s)
    lines.take_while { |line| !line.start_with?(__dir__) }.map { |line| shown(line) }
  end

  def shown(text)
    text.dup.force_encoding("UTF-8").scrub.gsub(FunctionError.task, "/var/task")
  end
end
