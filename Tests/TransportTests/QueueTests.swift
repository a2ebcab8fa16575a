import Cluster
import Consensus
import Foundation
import Synchronization
import Testing

@testable import Transport

@Suite("Queues of links", .timeLimit(.minutes(10)))
struct QueueTests {
    /// Keeps a node from reading.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        private let isOpen = Mutex(false)
        func pass() { if !isOpen.withLock({ $0 }) { semaphore.wait() } }
        func open() {
            isOpen.withLock { $0 = true }
            semaphore.signal()
        }
    }

    @Test("refuse what a peer that does not read has no room for; what waits for room goes on when it reads")
    func full() async throws {
        let authority = try TestAuthority()
        var limits = TransportLimits.ofTests
        limits.silentTicksMax = 10_000
        (limits.frameBytesMax, limits.queueBytesMax) = (1 << 20, 2 << 20)
        let nodes = [try TestNode(1, authority, limits: limits), try TestNode(2, authority, limits: limits)]
        let gate = Gate()
        let arrived = Mutex(0)
        nodes[1].transport.receive(on: .snapshots) { _, _ in
            gate.pass()
            arrived.withLock { $0 += 1 }
        }
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[0].isConnected(to: 2) }
            let frame = [UInt8](repeating: 5, count: 64 << 10)
            var sent = 0
            try await eventually("the queue is full") {
                while nodes[0].transport.send(frame, on: .snapshots, to: NodeID(2)) { sent += 1 }
                let isFull = !nodes[0].transport.send(frame, on: .snapshots, to: NodeID(2))
                return isFull && sent > 40
            }
            #expect(nodes[0].transport.links.contains { $0.stream == .snapshots && $0.counts.framesDropped > 0 })
            // Others are as free as before.
            #expect(nodes[0].transport.send([1], on: .consensus, to: NodeID(2)))
            let count = sent
            async let waiting: Void = {
                for _ in 0..<40 { try await nodes[0].transport.sendWhenRoom(frame, on: .snapshots, to: NodeID(2)) }
            }()
            gate.open()
            try await waiting
            try await eventually("all has arrived") { arrived.withLock { $0 } >= count + 40 }
        }
    }

    @Test("wait for no peer that is not connected, and not past the end of its connection or of the task")
    func unreachable() async throws {
        let authority = try TestAuthority()
        var limits = TransportLimits.ofTests
        limits.silentTicksMax = 10_000
        (limits.frameBytesMax, limits.queueBytesMax) = (1 << 20, 1 << 20)
        let nodes = [try TestNode(1, authority, limits: limits), try TestNode(2, authority, limits: limits)]
        let sender = nodes[0].transport
        await #expect(throws: PeerUnreachable(peer: NodeID(2))) {
            try await sender.sendWhenRoom([1], on: .calls, to: NodeID(2))
        }
        let gate = Gate()
        nodes[1].transport.receive(on: .snapshots) { _, _ in gate.pass() }
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[0].isConnected(to: 2) }
            let frame = [UInt8](repeating: 5, count: 1 << 20)
            func fill() async -> PeerUnreachable? {
                do throws(PeerUnreachable) {
                    while true { try await sender.sendWhenRoom(frame, on: .snapshots, to: NodeID(2)) }
                } catch { return error }
            }
            let cancelled = await withTaskGroup(of: PeerUnreachable?.self) { group in
                group.addTask { await fill() }
                try? await eventually("the queue is full") { !sender.send(frame, on: .snapshots, to: NodeID(2)) }
                group.cancelAll()
                return await group.next()
            }
            #expect(cancelled == PeerUnreachable(peer: NodeID(2)))
            async let waiting = fill()
            sender.setPeers([:])
            #expect(await waiting == PeerUnreachable(peer: NodeID(2)))
            gate.open()
        }
    }
}
