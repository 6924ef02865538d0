# frozen_string_literal: true

require "socket"

# The Runtime API, version 2018-06-01, over one connection that is kept: net/http would double a cold start.
class RuntimeApi
  ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
  Answer = Struct.new(:status, :headers, :body)

  def initialize(address)
    @address = address
    @socket = TCPSocket.new(*address.split(":"))
    @socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
  end

  # Waits for the next event.
  def next_event
    call("GET", "invocation/next")
  end

  def respond(event, body, content_type)
    post(event, "response", body, "Content-Type" => content_type)
  end

  def fail(event, body, type)
    post(event, "error", body, ERROR_TYPE => type)
  end

  def fail_init(body, type)
    call("POST", "init/error", body, ERROR_TYPE => type)
  end

  private

  def post(event, what, body, headers)
    invocation = event.headers["lambda-runtime-invocation-id"]
    headers = headers.merge("Lambda-Runtime-Invocation-Id" => invocation) if invocation
    call("POST", "invocation/#{event.headers["lambda-runtime-aws-request-id"]}/#{what}", body, headers)
  end

  def call(method, path, body = "", headers = {})
    head = ["#{method} /2018-06-01/runtime/#{path} HTTP/1.1", "Host: #{@address}", "Content-Length: #{body.bytesize}"]
    headers.each { |name, value| head << "#{name}: #{value}" }
    @socket.write("#{head.join("\r\n")}\r\n\r\n".b << body.b)
    receive
  end

  def receive
    status = line.split(" ", 3)[1].to_i
    headers = {}
    until (text = line).empty?
      name, value = text.split(":", 2)
      headers[name.downcase] = value.strip
    end
    Answer.new(status, headers, @socket.read(headers.fetch("content-length", 0).to_i))
  end

  def line
    (@socket.gets or raise EOFError, "the Runtime API is gone").chomp
  end
end
