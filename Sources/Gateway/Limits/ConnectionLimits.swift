/// What one connection may take, in bytes and in time. There is no unlimited value.
public struct ConnectionLimits: Sendable {
    /// Open connections; more wait in the listen backlog.
    public var connectionsMax = 10_000
    /// Connections that wait to be accepted.
    public var backlog = 1_024
    /// Bytes of one header field, and of all; browsers send 2 KiB, a token is 400 bytes.
    public var headerFieldMax = 8 << 10
    public var headersMax = 32 << 10
    public var headerCountMax = 100
    /// Bytes of a body that nobody reads any more, such as the rest of one that was refused; then the connection ends.
    public var discardMax = 1 << 20
    /// From the connection, or the last answer, to the end of the next request's header. A header that trickles in
    /// ("slow loris") and an idle connection both end here.
    public var headerTimeMax = Duration.seconds(75)
    /// From the connection to the end of its TLS handshake: two round trips, and a slow processor.
    public var handshakeTimeMax = Duration.seconds(10)
    /// From the header to the end of the body.
    public var bodyTimeMax = Duration.seconds(30)
    /// From the end of a request to the beginning of its answer. The work goes on; only the client stops waiting.
    public var answerTimeMax = Duration.seconds(60)
    /// For which a client may take nothing of an answer that waits for it, a stream without end too. What waits is no
    /// more than the channel's high-water mark, 64 KiB, and whoever writes it waits as well.
    public var stallTimeMax = Duration.seconds(30)
    /// How often a connection looks at its clocks. A limit is exceeded by at most this much.
    public var checkInterval = Duration.seconds(1)

    public init() {}
}
