import Cluster
import Consensus
import NIOCore
import Testing

@testable import Transport

@Suite("Bytes that no node would send", .timeLimit(.minutes(10)))
struct HostileBytesTests {
    private func mutated(_ bytes: [UInt8], _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = .random(in: .min ... .max, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(.random(in: .min ... .max, using: &random), at: place)
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }

    @Test("are read or refused, in whatever pieces they come")
    func codec() throws {
        var random = SystemRandomNumberGenerator()
        let whole = RawPeer.frame(.greeting, Greeting.ofTests().encoded()) + RawPeer.frame(.frame, [1, 2, 3])
            + RawPeer.frame(.ping, [])
        var read = 0
        for _ in 0..<100_000 {
            let bytes = mutated(whole, &random)
            var buffer = ByteBuffer()
            let place = Int.random(in: 0...bytes.count, using: &random)
            pieces: for piece in [bytes[..<place], bytes[place...]] {
                buffer.writeBytes(piece)
                do throws(LinkRefusal) {
                    while let frame = try LinkFrame.read(from: &buffer, bytesMax: 1_000) {
                        read += 1
                        _ = try? Greeting(frame.content)
                    }
                } catch {
                    break pieces
                }
            }
        }
        #expect(read > 1_000)
        for _ in 0..<100_000 { _ = try? Greeting(mutated(Greeting.ofTests().encoded(), &random)) }
    }

    @Test("are the same frames, one after the other, when they come a byte at a time")
    func pieces() throws {
        let contents: [[UInt8]] = [[], [1], [UInt8](repeating: 7, count: 300)]
        var buffer = ByteBuffer()
        var read: [[UInt8]] = []
        for byte in contents.flatMap({ RawPeer.frame(.frame, $0) }) {
            buffer.writeInteger(byte)
            while let frame = try LinkFrame.read(from: &buffer, bytesMax: 300) { read.append(frame.content) }
        }
        #expect(read == contents)
        var long = ByteBuffer(bytes: RawPeer.frame(.frame, contents[2]))
        #expect(throws: LinkRefusal.damagedFrame) { try LinkFrame.read(from: &long, bytesMax: 299) }
    }

    @Test("end a connection, and nothing else")
    func connections() async throws {
        let authority = try TestAuthority()
        let nodes = try (1...3 as ClosedRange<UInt64>).map { try TestNode($0, authority) }
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[1].isConnected(to: 3) }
            var random = SystemRandomNumberGenerator()
            let greeting = RawPeer.frame(.greeting, Greeting.ofTests(stream: .calls).encoded())
            for _ in 0..<150 {
                let peer = try await RawPeer(certificates: authority.files(ofNode: 1), to: try await nodes[1].address)
                let isGreeted = Bool.random()
                let frame = RawPeer.frame(.frame, [UInt8](repeating: 3, count: 50))
                peer.send(isGreeted ? greeting + mutated(frame, &random) + frame : mutated(greeting, &random) + frame)
                // A length that is never filled keeps a connection until its time is over.
                try await eventually("it is answered") { peer.isClosed || !peer.frames.isEmpty || !isGreeted }
                try? await peer.close()
            }
            #expect(nodes[1].isConnected(to: 3) && nodes[1].transport.refusals > 0)
            #expect(nodes[1].transport.send([1], on: .calls, to: NodeID(3)))
            try await eventually("the others go on") { nodes[2].heard(from: 2, on: .calls) == [[1]] }
        }
    }
}
