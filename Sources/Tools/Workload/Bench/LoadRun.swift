import NIOCore
import NIOPosix

/// A load while it runs: hands requests to free connections when they are due. Confined to one event loop, so that the
/// client takes one thread of the machine that it may share with the server.
final class LoadRun {
    /// A node that restarts must find us back soon, one that is gone must not be hammered.
    private static let reconnectPause = TimeAmount.milliseconds(50)
    /// How exactly the limit on a request is kept.
    private static let limitTick = TimeAmount.milliseconds(50)

    private let plan: LoadPlan
    private let addresses: [GatewayAddress]
    private let eventLoop: any EventLoop
    private let finished: EventLoopPromise<BenchReport>

    private var requests: LoadRequests
    private var schedule: LoadSchedule
    /// Requests that a node gave no answer to, and its place: to be sent to another under the same key.
    private var unanswered = CircularBuffer<(exchange: LoadConnection.Exchange, silent: Int)>()
    private var start = NIODeadline.now()
    private var free = CircularBuffer<LoadConnection>()
    private var busy: [ObjectIdentifier: LoadConnection] = [:]
    private var isTimerSet = false
    private var isOver = false
    private var report = BenchReport()
    private var statuses: [Int: Int] = [:]
    private var latencies = Latencies()
    /// Of what was refused alone.
    private var refusals = Latencies()
    private var lastAnswer: UInt64 = 0

    init(
        plan: LoadPlan, requests: LoadRequests, addresses: [GatewayAddress], eventLoop: any EventLoop,
        finished: EventLoopPromise<BenchReport>
    ) {
        self.plan = plan
        self.requests = requests
        self.addresses = addresses
        self.eventLoop = eventLoop
        self.finished = finished
        schedule = LoadSchedule(pace: plan.pace, duration: plan.duration)
    }

    private var elapsed: UInt64 { UInt64(max((NIODeadline.now() - start).nanoseconds, 0)) }

    /// Opens all connections, then lets the clock run.
    func begin() {
        let connecting = (0..<plan.connections).map { connect(near: $0) }
        EventLoopFuture.andAllSucceed(connecting, on: eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error): self.fail(error)
            case .success:
                self.start = .now()
                self.watchLimits()
                self.pump()
            }
        }
    }

    // MARK: - What connections tell

    func answered(_ connection: LoadConnection) {
        guard let exchange = connection.takeExchange(), let status = exchange.status else { return connection.close() }
        busy[ObjectIdentifier(connection)] = nil
        statuses[status, default: 0] += 1
        let latency = record(exchange.intended)
        switch status {
        case 200..<300: report.succeeded += 1
        case 409, 429, 503:
            report.refused += 1
            refusals.record(microseconds: latency)
        default: report.failed += 1
        }
        if exchange.keepsAlive { free.append(connection) } else { connection.close() }
        pump()
    }

    func lost(_ connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = nil
        free.removeAll { $0 === connection }
        let isOver = isOver
        if let exchange = connection.takeExchange() {
            if addresses.count > 1, !isOver {
                report.resent += 1
                unanswered.append((exchange, connection.place))
            } else {
                report.failed += 1
                record(exchange.intended)
            }
        }
        guard !isOver else { return }
        // A node that has gone leaves its clients to the next one.
        reconnect(to: connection.place + 1)
        pump()
    }

    // MARK: - Sending

    /// Starts what is due, as long as there are free connections.
    private func pump() {
        guard !isOver else { return }
        while !free.isEmpty {
            let now = elapsed
            if let (exchange, silent) = unanswered.popFirst() {
                let other = free.firstIndex { $0.place != silent } ?? free.startIndex
                start(exchange.again(at: now), on: free.remove(at: other))
                continue
            }
            switch schedule.next(at: now) {
            case .start(let intended):
                start(.init(request: requests.next(), intended: intended, sent: now), on: free.removeFirst())
            case .wait(let moment): return wake(at: moment)
            case .finished:
                if busy.isEmpty { end() }
                return
            }
        }
    }

    private func start(_ exchange: LoadConnection.Exchange, on connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = connection
        connection.send(exchange)
    }

    private func wake(at moment: UInt64) {
        guard !isTimerSet else { return }
        isTimerSet = true
        eventLoop.assumeIsolated().scheduleTask(deadline: start + .nanoseconds(Int64(moment))) {
            self.isTimerSet = false
            self.pump()
        }
    }

    /// Gives up requests, and at last the load, when the server does not answer.
    private func watchLimits() {
        guard !isOver else { return }
        let now = elapsed
        let limit = UInt64(plan.requestLimit.seconds * 1e9)
        for connection in busy.values where connection.exchange.map({ now - $0.sent > limit }) ?? false {
            connection.close()
        }
        let duration = UInt64(plan.duration.seconds * 1e9)
        if now > duration + limit + UInt64(Self.limitTick.nanoseconds) * 2 {
            abandonRest()
            return end()
        }
        if now > duration { pump() }
        eventLoop.assumeIsolated().scheduleTask(in: Self.limitTick) { self.watchLimits() }
    }

    /// What could not be sent in time has waited until now, and counts.
    private func abandonRest() {
        for connection in busy.values {
            guard let exchange = connection.takeExchange() else { continue }
            report.failed += 1
            record(exchange.intended)
        }
        while let (exchange, _) = unanswered.popFirst() {
            report.failed += 1
            record(exchange.intended)
        }
        guard case .open = plan.pace else { return }
        while let intended = schedule.abandon() {
            report.failed += 1
            report.unsent += 1
            record(intended)
        }
    }

    /// - Returns: microseconds since `intended`.
    @discardableResult
    private func record(_ intended: UInt64) -> UInt64 {
        lastAnswer = elapsed
        let latency = (lastAnswer - min(intended, lastAnswer)) / 1000
        latencies.record(microseconds: latency)
        return latency
    }

    // MARK: - Connections

    /// - Parameter place: of the node among the addresses, counted round and round.
    private func connect(to place: Int) -> EventLoopFuture<Void> {
        let place = place % addresses.count
        let address = addresses[place]
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = LoadConnection(load: bound.value, to: address, at: place)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(host: address.host, port: address.port)
            .flatMapThrowing { channel in
                let connection = try channel.pipeline.syncOperations.handler(type: LoadConnection.self)
                bound.value.free.append(connection)
            }
            .flatMapErrorThrowing { throw GatewayFault($0, at: address) }
    }

    /// Connects to the node at this place, or else to the next one that takes the connection.
    private func connect(near place: Int, tries: Int = 1) -> EventLoopFuture<Void> {
        guard tries < addresses.count else { return connect(to: place) }
        return connect(to: place).flatMapError { _ in self.connect(near: place + 1, tries: tries + 1) }
    }

    private func reconnect(to place: Int) {
        eventLoop.assumeIsolated().scheduleTask(in: Self.reconnectPause) {
            guard !self.isOver else { return }
            self.connect(to: place).assumeIsolated().whenComplete { result in
                switch result {
                case .success: self.pump()
                case .failure: self.reconnect(to: place + 1)
                }
            }
        }
    }

    // MARK: - The end

    private func fail(_ error: any Error) {
        isOver = true
        closeAll()
        finished.fail(error)
    }

    private func end() {
        isOver = true
        closeAll()
        report.attempted = report.succeeded + report.refused + report.failed
        report.connections = plan.connections
        report.durationSeconds = max(Double(lastAnswer) / 1e9, 1e-9)
        report.rateAchieved = Double(report.succeeded) / report.durationSeconds
        if case .open(let perSecond) = plan.pace { report.rateIntended = perSecond }
        report.latencyMs = latencies.summary
        report.refusalMs = refusals.summary
        for (status, count) in statuses { report.statuses["\(status)"] = count }
        finished.succeed(report)
    }

    private func closeAll() {
        for connection in Array(free) + Array(busy.values) { connection.close() }
        free.removeAll()
        busy.removeAll()
    }
}
