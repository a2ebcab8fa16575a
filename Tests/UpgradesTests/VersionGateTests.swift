import ActorSystem
import Commerce
import EventSourcing
import StepTesting
import Testing
import Wire

@testable import Upgrades

/// A step that empties a guest's cart, or is refused and keeps the refusal under a key.
private struct OpenCart: ShardStep {
    struct Refused: Error, WireCodable, Equatable {
        init() {}
        init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {}
        func encode(into bytes: inout [UInt8]) {}
    }

    static let cart = CustomerID(at: .noon, slot: .catalogue, random: 7 << 9)
    static let key = IdempotencyKeyID(slot: .catalogue, digest: Digest256([UInt8](repeating: 3, count: 32))!)
    static var number: StepNumber { StepNumber(rawValue: 60_001) }

    var isRefused = false
    var slot: Slot { .catalogue }

    func run(in batch: Batch) throws(Refused) -> Done {
        if isRefused { throw Refused() }
        _ = Result { () throws(Cart.Refusal) in try batch.decide(Cart.self, Self.cart, .openForGuest) }
        return Done()
    }

    func keep(_ refusal: Refused, in batch: Batch) {
        let claim = IdempotencyKey.Command.claim(
            fingerprint: Self.key.digest, subject: .answer(status: 409, location: nil, body: []),
            expiresAt: .noon + .seconds(60))
        _ = Result { () throws(IdempotencyKey.Refusal) in
            try batch.decide(IdempotencyKey.self, Self.key, claim)
        }
    }

    func encode(into bytes: inout [UInt8]) { bytes.append(isRefused ? 1 : 0) }
    init(isRefused: Bool = false) { self.isRefused = isRefused }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) { isRefused = bytes.first == 1 }
}

@Suite("What a cluster that is being upgraded may write") struct VersionGateTests {
    private let bench = VersionBench()

    private func run(_ step: OpenCart) async throws -> Result<Done, OpenCart.Refused> {
        try await bench.shards.run(step, at: .noon)
    }

    @Test("lacks what came with the upgrade: it is refused, and nothing is recorded")
    func gate() async throws {
        await #expect(throws: ExecutionFailure.refused(.newerThanCluster)) { _ = try await run(OpenCart()) }
        #expect(bench.journal.committed == .zero)
        bench.gate.raise(to: .newest)
        _ = try await run(OpenCart()).get()
        #expect(try await bench.shards.read(Cart.self, OpenCart.cart).state.isGuests)
    }

    @Test("lacks a refusal under its key, which is told all the same")
    func refusal() async throws {
        #expect(try await run(OpenCart(isRefused: true)) == .failure(OpenCart.Refused()))
        #expect(bench.journal.committed == .zero)
        bench.gate.raise(to: .newest)
        #expect(try await run(OpenCart(isRefused: true)) == .failure(OpenCart.Refused()))
        #expect(try await bench.shards.read(IdempotencyKey.self, OpenCart.key).state.claim != nil)
    }

    @Test("has the rest, in a batch after one that was refused too")
    func others() async throws {
        _ = try? await run(OpenCart())
        _ = try await bench.shards.run(RaiseClusterVersion(to: .newest), at: .noon).get()
        #expect(try await bench.recorded == .newest)
    }

    @Test("never becomes less")
    func never() {
        bench.gate.raise(to: .newest)
        bench.gate.raise(to: .first)
        #expect(bench.gate.version == .newest)
    }
}
