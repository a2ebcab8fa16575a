import Consensus
import EventSourcing
import Testing

@testable import Cluster

@Suite("Frames as bytes")
struct FrameFormTests {
    /// All samples together, on shards of their own.
    private static let whole = Frame(
        peer: NodeID(2),
        messages: FrameSample.all.enumerated().map { ShardMessage(shard: ShardID(UInt16($0)), message: $1.message) })

    @Test("are what they were", arguments: FrameSample.all)
    func golden(sample: FrameSample) throws {
        let text = sample.frame.encoded().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == sample.golden)
        #expect(try Frame(decoding: sample.frame.encoded(), from: NodeID(1)).messages == sample.frame.messages)
    }

    @Test("hold messages of many shards in their order, and name who sent them")
    func order() throws {
        let read = try Frame(decoding: Self.whole.encoded(), from: NodeID(1))
        #expect(read.messages == Self.whole.messages && read.peer == NodeID(1))
        let others = try Frame(decoding: Self.whole.encoded(), from: NodeID(7))
        #expect(others.messages.allSatisfy { $0.message.from == NodeID(7) && $0.message.to == NodeID(2) })
    }

    @Test("are split where they would be too long, and keep their order")
    func split() {
        func message(_ term: UInt64, bytes: Int) -> ShardMessage {
            let id = EntryID(term: Term(term), index: EntryIndex(1))
            let entry = Entry(id: id, payload: .record([UInt8](repeating: 1, count: bytes)))
            return ShardMessage(
                shard: ShardID(0),
                message: Message(
                    from: NodeID(1), to: NodeID(2), term: Term(term),
                    body: .append(previous: .zero, entries: [entry], commit: .zero)))
        }
        // An entry counts a few bytes more than it has.
        let lengths = [10, 2 << 20, 400_000, 400_000, 400_000, 10]
        let messages = lengths.enumerated().map { message(UInt64($0) + 1, bytes: $1) }
        let frames = Frame(peer: NodeID(2), messages: messages).split()
        #expect(frames.flatMap(\.messages) == messages)
        #expect(frames.map(\.messages.count) == [1, 1, 2, 2])
        #expect(Self.whole.split() == [Self.whole])
    }

    @Test("end where their last field does")
    func lengths() throws {
        let bytes = Self.whole.encoded()
        for count in bytes.indices {
            #expect(throws: (any Error).self, "\(count)") {
                try Frame(decoding: Array(bytes[..<count]), from: NodeID(1))
            }
        }
        #expect(throws: (any Error).self) { try Frame(decoding: bytes + [0], from: NodeID(1)) }
    }

    @Test("ask for no memory that their bytes do not fill")
    func counts() {
        let header: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 2]
        let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        let append: [UInt8] = [1, 0, 3, 5, 5, 4, 7, 6]
        for bytes in [header + huge, header + append + huge, header + append + [1, 4, 1] + huge] {
            #expect(throws: (any Error).self) { try Frame(decoding: bytes, from: NodeID(1)) }
        }
    }

    @Test("of any bytes are read or refused, and a node goes on")
    func mutations() {
        var random = CountingGenerator()
        let samples = FrameSample.all.map { $0.frame.encoded() } + [Self.whole.encoded()]
        var read = 0
        for _ in 0..<100_000 {
            let bytes = mutated(samples.randomElement(using: &random)!, &random)
            guard let frame = try? Frame(decoding: bytes, from: NodeID(1)) else { continue }
            read += 1
            #expect((try? Frame(decoding: frame.encoded(), from: NodeID(1)).messages.count) == frame.messages.count)
        }
        #expect(read > 1_000)
    }

    @Test("of any bytes that can be read leave a node standing")
    func mutatedMessages() throws {
        var random = CountingGenerator()
        let samples = FrameSample.all.map { $0.frame.encoded() } + [Self.whole.encoded()]
        for _ in 0..<50 {
            let node = DrivenNode(shards: 4, members: [1, 2, 3])
            for _ in 0..<100 {
                let bytes = mutated(samples.randomElement(using: &random)!, &random)
                guard let frame = try? Frame(decoding: bytes, from: NodeID(2)) else { continue }
                node.inbox.put(frame.readdressed(to: NodeID(1)))
                try node.settle()
                node.tick()
            }
        }
    }

    /// One to four changes of a byte, a bit, a length.
    private func mutated(_ bytes: [UInt8], _ random: inout CountingGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = .random(in: .min ... .max, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert([0, 0x7f, 0x80, 0xff].randomElement(using: &random)!, at: place)
            case 4: bytes.removeLast(bytes.count - place)
            default: bytes += bytes[place...]
            }
        }
        return bytes
    }
}

extension Frame {
    /// The samples are meant for node 2.
    fileprivate func readdressed(to node: NodeID) -> Frame {
        Frame(
            peer: peer,
            messages: messages.map { item in
                var message = item.message
                message.to = node
                return ShardMessage(shard: item.shard, message: message)
            })
    }
}
