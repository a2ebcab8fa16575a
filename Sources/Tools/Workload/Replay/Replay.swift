import NIOCore

/// Replays an order history against a gateway: its catalogue, its stock, then every sales invoice as one order.
///
/// Every request carries a key derived from the file, so that a replay may be broken off and started again, and may
/// outlive the node it talks to, without anything happening twice.
public struct Replay: Sendable {
    public struct Options: Sendable {
        public var stock: StockPlan
        /// Orders under way at once.
        public var concurrency: Int
        /// How long to wait for orders to settle and to be fulfilled, once all are placed.
        public var settleLimit: Duration
        /// Only so many of the first invoices are sold; nil is all. The stock is that of the whole file, so that a
        /// later replay may go on from there.
        public var invoicesMax: Int?

        public init(stock: StockPlan, concurrency: Int, settleLimit: Duration, invoicesMax: Int? = nil) {
            self.stock = stock
            self.concurrency = concurrency
            self.settleLimit = settleLimit
            self.invoicesMax = invoicesMax
        }
    }

    /// Prices of the data set are pounds sterling.
    static let currency = "GBP"

    let history: OrderHistory
    let options: Options
    let client: GatewayClient
    let status: StatusLine
    let tally = ReplayTally()

    public init(history: OrderHistory, options: Options, client: GatewayClient, status: StatusLine) {
        self.history = history
        self.options = options
        self.client = client
        self.status = status
    }

    /// Does all of it.
    ///
    /// - Throws: what keeps a replay from being one at all, such as a refused token or a catalogue that cannot be
    ///   loaded. What befalls single orders is in the report.
    public func run() async throws -> ReplayReport {
        let stock = try await loadStock()
        let start = ContinuousClock.now
        let sales = history.sales.prefix(options.invoicesMax ?? .max)
        try await forEachConcurrently(sales, limit: options.concurrency) { invoice in
            try await place(invoice)
            let settled = await tally.settled
            status.show("\(StatusLine.bar(settled, of: sales.count)) \(settled) of \(sales.count) orders")
        }
        let placing = ContinuousClock.now - start
        var report = await summary()
        report.durationSeconds = placing.seconds
        do {
            let readBack = try await awaitFulfilment()
            report.ordersFulfilled = readBack.fulfilled
            report.reconciliation = try await reconcile(stock, ordersValue: readBack.value)
        } catch where !(error is CancellationError) {
            // What was placed is worth telling, also when it cannot be read back any more.
            await tally.failure("the books cannot be read back: \(error)")
        }
        report.requestsRetried = await tally.retried
        report.failures = await tally.failuresTold
        status.clear()
        return report
    }

    private func summary() async -> ReplayReport {
        var report = ReplayReport()
        let placed = await tally.placed
        report.ordersPlaced = placed.count
        report.ordersRefused = await tally.refused
        report.ordersFailed = await tally.failed
        report.invoicesSkipped = history.cancellations
        report.rowsRejected = history.rejections.count
        report.lines = placed.reduce(0) { $0 + $1.invoice.lines.count }
        report.units = placed.reduce(0) { $0 + $1.invoice.units }
        report.valueMinor = placed.reduce(0) { $0 + $1.total }
        report.latencyMs = await tally.latency
        return report
    }

    /// Sends a request and counts how often that took.
    func send(_ request: GatewayRequest) async throws -> GatewayReply {
        do {
            let reply = try await client.send(request)
            if reply.attempts > 1 { await tally.retried(reply.attempts - 1) }
            return reply
        } catch GatewayFault.unanswered(let attempts, let limit, let last) {
            await tally.retried(attempts - 1)
            throw GatewayFault.unanswered(attempts: attempts, within: limit, last: last)
        }
    }

    /// A key that the same file always gives the same thing.
    func key(_ thing: String) -> String { "replay-\(history.digest)-\(thing)" }
}

/// Why a replay cannot begin.
public enum ReplayFault: Error, Equatable, CustomStringConvertible {
    case catalogueRefused(sku: String, reason: String)
    case stockRefused(sku: String, reason: String)
    case requestRefused(what: String, reason: String)

    public var description: String {
        switch self {
        case .catalogueRefused(let sku, let reason): "the gateway refuses the product \(sku): \(reason)"
        case .stockRefused(let sku, let reason): "the gateway refuses stock of \(sku): \(reason)"
        case .requestRefused(let what, let reason): "the gateway refuses \(what): \(reason)"
        }
    }
}
