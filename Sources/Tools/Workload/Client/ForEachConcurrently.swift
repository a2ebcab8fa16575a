/// Runs `body` on every element, at most `limit` at once, taking the next element when one is done.
///
/// The first error cancels the rest and is thrown.
func forEachConcurrently<Element: Sendable>(
    _ elements: some Sequence<Element>, limit: Int, _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    var iterator = elements.makeIterator()
    try await forEachConcurrently(from: { iterator.next() }, limit: limit, body)
}

/// The same for elements that are made one by one and cost memory or can fail: no more than `limit` exist at once.
func forEachConcurrently<Element: Sendable>(
    from next: () async throws -> Element?, limit: Int, _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        var running = 0
        while let element = try await next() {
            if running == limit {
                try await group.next()
                running -= 1
            }
            group.addTask { try await body(element) }
            running += 1
        }
        try await group.waitForAll()
    }
}
