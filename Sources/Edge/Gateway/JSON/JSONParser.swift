/// Reads one JSON text from front to back, checks it and fills the index.
struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    private(set) var nodes: [JSONNode] = []
    private var position = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func parseDocument() throws(JSONError) {
        guard bytes.count <= Int(UInt32.max) else { throw JSONError(reason: .tooLong, offset: 0) }
        nodes.reserveCapacity(bytes.count / 5 + 1)
        skipWhitespace()
        try parseValue(depth: 0)
        skipWhitespace()
        guard position == bytes.count else { throw failure(.trailingText) }
    }

    private func failure(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: position) }

    /// The byte at the position; 0, which no grammar rule takes, at the end.
    @inline(__always)
    private var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private func unexpected() -> JSONError { failure(position < bytes.count ? .unexpectedByte : .endOfText) }

    @inline(__always)
    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue(depth: Int) throws(JSONError) {
        switch current {
        case UInt8(ascii: "\""): try parseString()
        case UInt8(ascii: "{"): try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): try parseArray(depth: depth + 1)
        case UInt8(ascii: "t"): try parseWord("true", .true)
        case UInt8(ascii: "f"): try parseWord("false", .false)
        case UInt8(ascii: "n"): try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try parseNumber()
        default: throw unexpected()
        }
    }

    private mutating func parseWord(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[offset] else { throw unexpected() }
            position += 1
        }
        append(JSONNode(kind: kind))
    }

    private mutating func append(_ node: JSONNode) {
        var node = node
        node.next = UInt32(truncatingIfNeeded: nodes.count + 1)
        nodes.append(node)
    }
}

// MARK: - Containers

extension JSONParser {
    private mutating func parseArray(depth: Int) throws(JSONError) {
        let index = try open(.array, depth: depth)
        var count: UInt32 = 0
        if current == UInt8(ascii: "]") {
            position += 1
        } else {
            while true {
                try parseValue(depth: depth)
                count += 1
                if try closes(with: UInt8(ascii: "]")) { break }
            }
        }
        close(index, count: count)
    }

    private mutating func parseObject(depth: Int) throws(JSONError) {
        let index = try open(.object, depth: depth)
        var count: UInt32 = 0
        if current == UInt8(ascii: "}") {
            position += 1
        } else {
            while true {
                guard count < limits.membersMax else { throw failure(.tooManyMembers) }
                try parseKey(of: index, after: count)
                try parseValue(depth: depth)
                count += 1
                if try closes(with: UInt8(ascii: "}")) { break }
            }
        }
        close(index, count: count)
    }

    private mutating func open(_ kind: JSONNode.Kind, depth: Int) throws(JSONError) -> Int {
        guard depth <= limits.depthMax else { throw failure(.tooDeep) }
        position += 1
        skipWhitespace()
        nodes.append(JSONNode(kind: kind))
        return nodes.count - 1
    }

    private mutating func close(_ index: Int, count: UInt32) {
        nodes[index].count = count
        nodes[index].next = UInt32(truncatingIfNeeded: nodes.count)
    }

    /// Steps over a comma (false) or the closing bracket (true), and the white space around them.
    private mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        if current == bracket {
            position += 1
            return true
        }
        guard current == UInt8(ascii: ",") else { throw unexpected() }
        position += 1
        skipWhitespace()
        return false
    }

    private mutating func parseKey(of object: Int, after count: UInt32) throws(JSONError) {
        let start = position
        guard current == UInt8(ascii: "\"") else { throw unexpected() }
        try parseString()
        let key = nodes[nodes.count - 1]
        var earlier = object + 1
        for _ in 0..<count {
            if isSame(nodes[earlier], key) { throw JSONError(reason: .duplicateKey, offset: start) }
            earlier = Int(nodes[earlier + 1].next)
        }
        skipWhitespace()
        guard current == UInt8(ascii: ":") else { throw unexpected() }
        position += 1
        skipWhitespace()
    }

    private func isSame(_ left: JSONNode, _ right: JSONNode) -> Bool {
        if left.isEscaped || right.isEscaped {
            return bytes.withUnsafeBufferPointer { UnescapedBytes($0, left.text) == UnescapedBytes($0, right.text) }
        }
        let length = left.end - left.start
        guard length == right.end - right.start else { return false }
        for offset in 0..<length where bytes[Int(left.start + offset)] != bytes[Int(right.start + offset)] {
            return false
        }
        return true
    }
}

// MARK: - Scalars

extension JSONParser {
    /// Reads a string; the node's text is what stands between the quotes.
    private mutating func parseString() throws(JSONError) {
        position += 1
        var node = JSONNode(kind: .string)
        node.start = UInt32(truncatingIfNeeded: position)
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                node.end = UInt32(truncatingIfNeeded: position)
                position += 1
                append(node)
                return
            } else if byte == UInt8(ascii: "\\") {
                node.isEscaped = true
                try skipEscape()
            } else if byte < 0x20 {
                throw failure(.controlCharacter)
            } else if byte < 0x80 {
                position += 1
            } else {
                guard let length = JSONString.sequenceLength(in: bytes, at: position) else {
                    throw failure(.invalidUTF8)
                }
                position += length
            }
        }
        throw failure(.endOfText)
    }

    /// Steps over one escape, a surrogate pair being one. A surrogate alone names no character and is refused.
    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < bytes.count else { throw failure(.endOfText) }
        guard bytes[position + 1] == UInt8(ascii: "u") else {
            guard JSONString.meaning(ofEscape: bytes[position + 1]) != nil else { throw failure(.invalidEscape) }
            position += 2
            return
        }
        guard let unit = JSONString.codeUnit(in: bytes, at: position) else { throw failure(.invalidEscape) }
        if UTF16.isTrailSurrogate(unit) { throw failure(.invalidEscape) }
        if UTF16.isLeadSurrogate(unit) {
            guard let second = JSONString.codeUnit(in: bytes, at: position + 6), UTF16.isTrailSurrogate(second) else {
                throw failure(.invalidEscape)
            }
            position += 6
        }
        position += 6
    }

    private mutating func parseNumber() throws(JSONError) {
        var node = JSONNode(kind: .number)
        node.start = UInt32(truncatingIfNeeded: position)
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
            if isDigit(current) { throw failure(.invalidNumber) }
        } else {
            try skipDigits()
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if current | 0x20 == UInt8(ascii: "e") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        guard position - Int(node.start) <= limits.numberLengthMax else { throw failure(.numberTooLong) }
        node.end = UInt32(truncatingIfNeeded: position)
        append(node)
    }

    private mutating func skipDigits() throws(JSONError) {
        guard isDigit(current) else { throw failure(position < bytes.count ? .invalidNumber : .endOfText) }
        while isDigit(current) { position += 1 }
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
