/// What one connection may take, in bytes and in time. There is no unlimited value.
public struct ConnectionLimits: Sendable {
    /// Open connections; more wait in the listen backlog. A node takes fewer when it may open fewer files:
    /// ``FileDescriptors``.
    public var connectionsMax = 10_000
    /// Open connections of one address; more are closed as they come. A browser opens six, an office behind one
    /// address some hundreds; the half of all that is left serves the others.
    public var connectionsPerAddressMax = 1_000
    /// Connections that wait to be accepted.
    public var backlog = 1_024
    /// Bytes of one header field, or of the target, and of all of them; browsers send 2 KiB, a token is 400 bytes. All
    /// may have what the library takes at most on HTTP/2, where it ends the connection past that.
    public var headerFieldMax = 8 << 10
    public var headersMax = 16 << 10
    public var headerCountMax = 100
    /// Bytes of a header as it comes, with the blanks and line ends that the parser skips: twice what its fields have.
    public var headerBytesMax = 32 << 10
    /// Bytes of a chunked body that are no content: sizes, extensions, line ends, trailers. 50,000 chunks of a byte
    /// each fit; a client that sends more frames than content wants something else.
    public var framingMax = 256 << 10
    /// Bytes of a body that is not read any more, such as the rest of one that was refused; then the connection ends.
    /// Where a body says that it is longer, its answer says that it is the last one.
    public var discardMax = 1 << 20
    /// Bytes that may still come while a client has the time to read the last answer.
    public var lingerBytesMax = 32 << 20
    /// From the connection, or a header's first byte, to the header's end. A header that trickles in ("slow loris")
    /// ends here.
    public var headerTimeMax = Duration.seconds(10)
    /// From the last answer to the first byte of the next request.
    public var idleTimeMax = Duration.seconds(75)
    /// From the connection to the end of its TLS handshake: two round trips, and a slow processor.
    public var handshakeTimeMax = Duration.seconds(10)
    /// From the header to the end of the body.
    public var bodyTimeMax = Duration.seconds(30)
    /// From the end of a request to the beginning of its answer. The work goes on; only the client stops waiting.
    public var answerTimeMax = Duration.seconds(60)
    /// For which a client may take nothing of an answer that waits for it, a stream without end too. It is seen to take
    /// something with each 64 KiB or so, and with each slice of 128 KiB on HTTP/2: 5 KB a second are enough.
    public var stallTimeMax = Duration.seconds(30)
    /// For which a client may read the last answer of a connection after it has been sent. Closing at once would
    /// throw away what it has not read yet (RFC 9112, section 9.6).
    public var lingerTimeMax = Duration.seconds(2)
    /// How often a connection looks at its clocks. A limit is exceeded by at most this much.
    public var checkInterval = Duration.seconds(1)

    public init() {}
}
