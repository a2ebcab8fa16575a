/// Encrypts the bytes of a file as they come, with less than two pieces in memory.
struct SealedOutput {
    private let seal: FileSeal
    private var number = 0
    /// What is not sealed yet: a piece has to know whether it is the last.
    private var pending: [UInt8] = []

    init(_ key: SnapshotKey) { seal = FileSeal(key) }

    /// Takes more bytes of the file, and gives the pieces that are complete, the first behind the header.
    mutating func append(_ bytes: [UInt8]) -> [UInt8] {
        pending += bytes
        var pieces: [UInt8] = []
        var start = 0
        while pending.count - start > FileSeal.pieceBytes {
            let end = start + FileSeal.pieceBytes
            if number == 0 { pieces += seal.header }
            pieces += seal.seal(pending[start..<end], number: number, isLast: false)
            number += 1
            start = end
        }
        pending.removeFirst(start)
        return pieces
    }

    /// The last piece, behind the header if it is the only one.
    func end() -> [UInt8] {
        (number == 0 ? seal.header : []) + seal.seal(pending[...], number: number, isLast: true)
    }
}
