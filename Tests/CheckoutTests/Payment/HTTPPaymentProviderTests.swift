import Commerce
import NIOCore
import NIOPosix
import Testing

@testable import Checkout
@testable import payment_simulator

/// What goes wrong on the way to a provider, and what it is called then.
@Suite("HTTP payment provider")
struct HTTPPaymentProviderTests {
    private var impatient: PaymentPolicy {
        var policy = PaymentPolicy.patient
        // Long enough for an answer on a busy machine.
        policy.attemptTimeLimit = .seconds(2)
        return policy
    }

    @Test("a refused connection is unreachable")
    func refused() async throws {
        try await withCannedServer(answer: "") { port, close in
            try await close()
            try await expect(.unreachable, from: "http://127.0.0.1:\(port)", policy: .patient)
        }
    }

    @Test("a simulator that refuses connections is unreachable until it accepts again, on the same port")
    func refusing() async throws {
        try await withProvider(.http) { bench async throws in
            let simulator = try #require(bench.simulator)
            simulator.switches.faults.refuseConnectionsMilliseconds = Faults.millisecondsMax
            let order = ChargeRequest.sample().order
            try await until {
                do throws(PaymentFailure) {
                    _ = try await bench.provider.lookUp(order)
                    return false
                } catch {
                    return error == .unreachable
                }
            }
            #expect(await failure(of: bench.provider) == .unreachable)
            #expect(simulator.keeper.summary.charges == 0)
            simulator.switches.faults = Faults()
            try await until { await failure(of: bench.provider) == nil }
            #expect(simulator.keeper.summary.charges == 1)
        }
    }

    @Test("a call that finds all connections busy is not the provider's fault")
    func poolBusy() async throws {
        var policy = PaymentPolicy.patient
        policy.connectionsMax = 1
        policy.connectTimeLimit = .milliseconds(200)
        try await withProvider(.http, policy: policy) { bench async throws in
            let simulator = try #require(bench.simulator)
            try await until { await failure(of: bench.provider) == nil }
            simulator.switches.faults.triggers[.hangAfter] = .next(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = await failure(of: bench.provider) }
                try await until { simulator.switches.faults.triggers.isEmpty }
                #expect(await failure(of: bench.provider) == .overloaded)
                group.cancelAll()
            }
        }
    }

    @Test("no answer within the limit is unknown", arguments: [Fault.hangBefore, .hangAfter])
    func hangs(_ fault: Fault) async throws {
        try await withProvider(.http, policy: impatient) { bench async throws in
            bench.simulator?.switches.faults.triggers[fault] = .next(1)
            await #expect(throws: PaymentFailure.unknown(.timedOut)) { try await bench.provider.charge(.sample()) }
            #expect(bench.simulator?.keeper.summary.charges == (fault == .hangAfter ? 1 : 0))
        }
    }

    @Test("a delay beyond the limit is unknown, one within it is none")
    func delays() async throws {
        try await withProvider(.http, policy: impatient) { bench async throws in
            bench.simulator?.switches.faults.delayMilliseconds = 20_000
            await #expect(throws: PaymentFailure.unknown(.timedOut)) { try await bench.provider.charge(.sample()) }
            bench.simulator?.switches.faults.delayMilliseconds = 1
            _ = try await bench.patient.charge(.sample())
        }
    }

    @Test("a server error is unknown", arguments: [Fault.errorBefore, .errorAfter])
    func serverErrors(_ fault: Fault) async throws {
        try await withProvider(.http) { bench async throws in
            bench.simulator?.switches.faults.triggers[fault] = .next(1)
            await #expect(throws: PaymentFailure.unknown(.serverError(status: 500))) {
                try await bench.provider.charge(.sample())
            }
            #expect(bench.simulator?.keeper.summary.charges == (fault == .errorAfter ? 1 : 0))
        }
    }

    @Test("a connection closed instead of an answer is unknown", arguments: [Fault.closeBefore, .closeAfter])
    func closes(_ fault: Fault) async throws {
        try await withProvider(.http) { bench async throws in
            bench.simulator?.switches.faults.triggers[fault] = .next(1)
            await #expect(throws: PaymentFailure.unknown(.connectionLost)) {
                try await bench.provider.charge(.sample())
            }
            #expect(bench.simulator?.keeper.summary.charges == (fault == .closeAfter ? 1 : 0))
        }
    }

    @Test(
        "an answer that is not the API's means what it must",
        arguments: [
            ("200 OK", "not json", PaymentFailure.unknown(.malformedAnswer)),
            ("201 Created", #"{"id":"ch_1","status":"pending"}"#, .unknown(.malformedAnswer)),
            ("201 Created", #"{"id":"","status":"succeeded"}"#, .unknown(.malformedAnswer)),
            ("302 Found", "", .rejected(status: 302, code: "http_302")),
            ("401 Unauthorized", #"{"error":{"code":"bad_key"}}"#, .unreachable),
            ("409 Conflict", #"{"error":{"code":"voided"}}"#, .voided),
            ("409 Conflict", "", .rejected(status: 409, code: "http_409")),
            ("429 Too Many Requests", "", .unreachable),
            ("502 Bad Gateway", "", .unknown(.serverError(status: 502))),
        ])
    func answers(status: String, body: String, failure: PaymentFailure) async throws {
        let answer = "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nLocation: /elsewhere\r\n\r\n\(body)"
        try await withCannedServer(answer: answer) { port, _ in
            try await expect(failure, from: "http://127.0.0.1:\(port)", policy: .patient)
        }
    }

    @Test("an answer without end is cut off")
    func oversize() async throws {
        let answer = "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: HTTPPaymentProvider.answerBytesMax + 1)
        try await withCannedServer(answer: answer) { port, _ in
            try await expect(.unknown(.malformedAnswer), from: "http://127.0.0.1:\(port)", policy: .patient)
        }
    }

    @Test("a body that never ends is unknown after the limit")
    func stalledBody() async throws {
        try await withCannedServer(answer: "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{") { port, _ in
            try await expect(.unknown(.timedOut), from: "http://127.0.0.1:\(port)", policy: impatient)
        }
    }

    @Test("a body that never ends is unknown after the limit though it keeps coming")
    func drippingBody() async throws {
        let answer = "HTTP/1.1 201 Created\r\nContent-Length: 60000\r\n\r\n{"
        try await withCannedServer(answer: answer, drip: .milliseconds(50)) { port, _ in
            let duration = try await ContinuousClock().measure {
                try await expect(.unknown(.timedOut), from: "http://127.0.0.1:\(port)", policy: impatient)
            }
            #expect(duration < impatient.attemptTimeLimit * 30)
        }
    }

    @Test(
        "an address that is none is refused before anything is sent",
        arguments: ["", "127.0.0.1:9090", "ftp://host", "http://", "http://host?key=1", "http://host#part"])
    func malformedURL(_ url: String) {
        #expect(throws: HTTPPaymentProvider.MalformedURL.noAddress) { try HTTPPaymentProvider(url: url) }
    }

    @Test(
        "an address with a password is refused, and the refusal does not repeat it",
        arguments: [
            "http://shop:hunter2@127.0.0.1:9090", "http://hunter2@host", "http://:hunter2@host/v1",
            "ftp://shop:hunter2@host", "https://host/?key=hunter2", "hunter2",
        ])
    func secretsInAddresses(_ url: String) throws {
        let refusal = #expect(throws: HTTPPaymentProvider.MalformedURL.self) { try HTTPPaymentProvider(url: url) }
        #expect(!"\(try #require(refusal))".contains("hunter2"))
    }

    @Test("a caller that is cancelled hears unknown")
    func cancelled() async throws {
        try await withProvider(.http) { bench async throws in
            let simulator = try #require(bench.simulator)
            simulator.switches.faults.triggers[.hangAfter] = .next(1)
            try await withThrowingTaskGroup(of: PaymentFailure?.self) { group in
                group.addTask { await failure(of: bench.provider) }
                try await until { simulator.keeper.summary.charges == 1 }
                group.cancelAll()
                #expect(try await group.next() == .unknown(.cancelled))
            }
        }
    }

    private func expect(_ expected: PaymentFailure, from url: String, policy: PaymentPolicy) async throws {
        let provider = try HTTPPaymentProvider(url: url, policy: policy)
        let failure = await failure(of: provider)
        try await provider.shutdown()
        #expect(failure == expected)
    }

    private func failure(of provider: any PaymentProvider) async -> PaymentFailure? {
        do {
            _ = try await provider.charge(.sample())
            return nil
        } catch {
            return error
        }
    }
}

/// Waits for a state.
func until(_ isReached: () async throws -> Bool) async throws {
    while try await !isReached() { try await Task.sleep(for: .milliseconds(5)) }
}

/// A server that answers the first bytes of each connection with the same bytes, and goes on with a space at each
/// `drip`.
private func withCannedServer(
    answer: String, drip: TimeAmount? = nil, _ body: (Int, () async throws -> Void) async throws -> Void
) async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(CannedAnswer(answer, drip: drip))
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    do {
        try await body(port) { try await channel.close() }
    } catch {
        try? await channel.close()
        throw error
    }
    try? await channel.close()
}

private final class CannedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let answer: String
    private let drip: TimeAmount?
    private var isAnswered = false

    init(_ answer: String, drip: TimeAmount?) {
        self.answer = answer
        self.drip = drip
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered else { return }
        isAnswered = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        guard let drip else { return }
        let channel = context.channel
        let dripping = context.eventLoop.scheduleRepeatedTask(initialDelay: drip, delay: drip) { _ in
            channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
        }
        channel.closeFuture.whenComplete { _ in dripping.cancel() }
    }
}
