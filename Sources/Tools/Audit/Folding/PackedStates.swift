import Wire

/// The bytes of a million states, behind each other in pieces that are never moved: an array for each would be as much
/// again, and a place in memory of its own.
struct PackedStates: Sendable {
    struct Place: Sendable {
        fileprivate let piece: UInt32
        fileprivate let start: UInt32
        private(set) var count: UInt32

        fileprivate var range: Range<Int> { Int(start)..<Int(start) + Int(count) }

        fileprivate func with(_ count: Int) -> Place {
            Place(piece: piece, start: start, count: UInt32(count))
        }
    }

    /// What is larger has a piece for itself.
    private static let pieceBytes = 1 << 16
    /// What is lost is let be until there is so much of it.
    private static let bytesLostMin = 1 << 20

    private var pieces: [[UInt8]] = []
    private var bytesKept = 0
    private var bytesLost = 0

    /// Whether most of it is bytes that others have taken the place of, and not just a few.
    var isMostlyLost: Bool { bytesLost > max(Self.bytesLostMin, bytesKept) }

    subscript(place: Place) -> ArraySlice<UInt8> { pieces[Int(place.piece)][place.range] }

    mutating func keep(_ bytes: some Collection<UInt8>) -> Place {
        if pieces.last.map({ $0.count + bytes.count > $0.capacity }) ?? true {
            var piece: [UInt8] = []
            // As long as there is little, the pieces are small.
            piece.reserveCapacity(max(bytes.count, min(Self.pieceBytes, max(1_024, bytesKept))))
            pieces.append(piece)
        }
        let start = pieces[pieces.count - 1].count
        pieces[pieces.count - 1].append(contentsOf: bytes)
        bytesKept += bytes.count
        return Place(piece: UInt32(pieces.count - 1), start: UInt32(start), count: UInt32(bytes.count))
    }

    /// Keeps bytes in the place of others, if they fit there.
    mutating func keep(_ bytes: [UInt8], insteadOf former: Place?) -> Place {
        guard let former else { return keep(bytes) }
        guard bytes.count <= former.range.count else {
            lose(former.range.count)
            return keep(bytes)
        }
        lose(former.range.count - bytes.count)
        return write(bytes, at: former)
    }

    /// Gives other bytes to the end of a place, of which so many are taken away.
    mutating func replaceEnd(of place: Place, _ count: Int, with end: [UInt8]) -> Place {
        guard end.count != count else {
            _ = write(end, at: place.end(count))
            return place
        }
        return keep(Array(self[place].dropLast(count)) + end, insteadOf: place)
    }

    /// The varint in the last bytes of a place.
    func count(atEndOf place: Place, _ bytes: Int) -> UInt64? {
        var reader = RecordReader(self[place].suffix(bytes))
        return try? reader.readVarint()
    }

    /// Whether these bytes are the same.
    func has(_ bytes: ArraySlice<UInt8>, at place: Place) -> Bool {
        self[place].withUnsafeBytes { kept in bytes.withUnsafeBytes { kept.isSame(as: $0) } }
    }

    private mutating func write(_ bytes: [UInt8], at place: Place) -> Place {
        pieces[Int(place.piece)].withUnsafeMutableBytes { piece in
            UnsafeMutableRawBufferPointer(rebasing: piece[Int(place.start)..<Int(place.start) + bytes.count])
                .copyBytes(from: bytes)
        }
        return place.with(bytes.count)
    }

    /// Says that nobody asks for the bytes of a place any more.
    mutating func lose(_ place: Place) { lose(place.range.count) }

    private mutating func lose(_ count: Int) {
        bytesLost += count
        bytesKept -= count
    }
}

extension PackedStates.Place {
    /// The place of the last bytes of this one.
    fileprivate func end(_ count: Int) -> PackedStates.Place {
        PackedStates.Place(piece: piece, start: start + self.count - UInt32(count), count: UInt32(count))
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes of another are the same: eight at a time, which a comparison of collections is not.
    fileprivate func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var place = 0
        while place + 8 <= count {
            let word = loadUnaligned(fromByteOffset: place, as: UInt64.self)
            guard word == other.loadUnaligned(fromByteOffset: place, as: UInt64.self) else { return false }
            place += 8
        }
        return self[place...].elementsEqual(other[place...])
    }
}
