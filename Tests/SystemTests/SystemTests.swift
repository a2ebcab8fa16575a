import Testing

/// Real processes: a node and a payment simulator, on loopback. One at a time, since each has several.
@Suite(.serialized, .timeLimit(.minutes(60)))
enum SystemTests {}
