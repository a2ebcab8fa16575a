import Foundation

/// What happened to a database file and to those who wrote to it, in order. `DiskTrace.h` says what the entries are.
struct DiskTraceReader {
    enum Entry {
        case write(offset: Int, bytes: ArraySlice<UInt8>)
        case writeIsDurable
        case length(Int)
        case flushBegins
        case flushEnds
        case acknowledged([String])
    }

    let entries: [Entry]

    init(path: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var entries: [Entry] = []
        var position = 0
        func number(at place: Int) -> Int { bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) } }
        while position < bytes.count {
            let offset = number(at: position + 1)
            let length = number(at: position + 9)
            let data = bytes[position + 17..<position + 17 + length]
            switch bytes[position] {
            case UInt8(ascii: "W"): entries.append(.write(offset: offset, bytes: data))
            case UInt8(ascii: "D"): entries.append(.writeIsDurable)
            case UInt8(ascii: "T"): entries.append(.length(offset))
            case UInt8(ascii: "S"): entries.append(.flushBegins)
            case UInt8(ascii: "F"): entries.append(.flushEnds)
            case UInt8(ascii: "A"):
                let text = String(decoding: data, as: UTF8.self)
                entries.append(.acknowledged(text.split(separator: "\n").map(String.init)))
            default: preconditionFailure("an entry of no kind")
            }
            position += 17 + length
        }
        self.entries = entries
    }
}

/// A disk that loses power: what was flushed is there, of the rest whatever the disk had got to, sector by sector.
struct DiskModel {
    private var durable: [UInt8]
    private var pending: [(offset: Int, bytes: ArraySlice<UInt8>)] = []
    private var pendingAtFlush = 0
    /// What the process had been told, and told others.
    private(set) var acknowledged: [String] = []

    /// A disk writes this many bytes or none.
    private static let sectorBytes = 512

    init(base: [UInt8]) { durable = base }

    mutating func apply(_ entry: DiskTraceReader.Entry) {
        switch entry {
        case .write(let offset, let bytes): pending.append((offset, bytes))
        case .writeIsDurable:
            if let last = pending.popLast() { durable.overwrite(last.bytes, at: last.offset) }
        case .length(let length): durable = Array(durable.prefix(length))
        case .flushBegins: pendingAtFlush = pending.count
        case .flushEnds:
            for write in pending.prefix(pendingAtFlush) { durable.overwrite(write.bytes, at: write.offset) }
            pending.removeFirst(pendingAtFlush)
        case .acknowledged(let lines): acknowledged += lines
        }
    }

    /// One of the states in which a power cut may leave the disk now.
    ///
    /// - Parameter inOrder: only those of a disk that never reorders writes.
    func image(inOrder: Bool = false, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        var image = durable
        let style = inOrder ? 2 : Int.random(in: 0..<5, using: &random)
        let kept = Int.random(in: 0...pending.count, using: &random)
        for (position, write) in pending.enumerated() {
            switch style {
            case 0: continue
            case 1: image.overwrite(write.bytes, at: write.offset)
            case 2: if position < kept { image.overwrite(write.bytes, at: write.offset) }
            case 3: if Bool.random(using: &random) { image.overwrite(write.bytes, at: write.offset) }
            default:
                // Torn: each sector by itself.
                var start = write.bytes.startIndex
                while start < write.bytes.endIndex {
                    let offset = write.offset + start - write.bytes.startIndex
                    let end = min(start + Self.sectorBytes - offset % Self.sectorBytes, write.bytes.endIndex)
                    if Bool.random(using: &random) { image.overwrite(write.bytes[start..<end], at: offset) }
                    start = end
                }
            }
        }
        return image
    }
}

extension [UInt8] {
    fileprivate mutating func overwrite(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        if count < offset + bytes.count { append(contentsOf: repeatElement(0, count: offset + bytes.count - count)) }
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}

/// SplitMix64: the same seed, the same images.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
