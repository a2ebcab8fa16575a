import Foundation

/// A file of commands, each with the output that it must have: the form of cockroachdb/datadriven, as etcd-io/raft uses
/// it.
///
///     command argument key=value key=(value,value)
///     input
///     ----
///     output
///
/// An empty line ends the output. Lines that begin with `#` are comments.
struct Script {
    struct Argument {
        let key: String
        let values: [String]
    }

    struct Step {
        let line: Int
        let command: String
        let arguments: [Argument]
        let input: String
        var expected: String
        /// Lines of the file that hold the output.
        let outputLines: Range<Int>

        /// The arguments without a value, as numbers.
        var numbers: [UInt64] { arguments.filter(\.values.isEmpty).compactMap { UInt64($0.key) } }
        func values(of key: String) -> [String]? { arguments.first { $0.key == key }?.values }
    }

    let path: String
    private(set) var lines: [String]
    private(set) var steps: [Step] = []

    init(path: String) throws {
        self.path = path
        lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
        var position = 0
        while position < lines.count {
            let text = lines[position].trimmingCharacters(in: .whitespaces)
            if text.isEmpty || text.hasPrefix("#") {
                position += 1
            } else {
                steps.append(readStep(&position))
            }
        }
    }

    var name: String { URL(fileURLWithPath: path).lastPathComponent }

    private func readStep(_ position: inout Int) -> Step {
        let line = position + 1
        var directive = ""
        while position < lines.count {
            let part = lines[position].trimmingCharacters(in: .whitespaces)
            position += 1
            guard part.hasSuffix("\\") else {
                directive += part
                break
            }
            directive += part.dropLast() + " "
        }
        var input: [String] = []
        while position < lines.count, lines[position].trimmingCharacters(in: .whitespaces) != "----" {
            input.append(lines[position])
            position += 1
        }
        position += 1
        let output = readOutput(&position)
        let words = Self.words(directive)
        return Step(
            line: line, command: words.first?.key ?? "", arguments: Array(words.dropFirst()),
            input: input.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines),
            expected: lines[output].joined(separator: "\n"), outputLines: output)
    }

    /// A second separator allows empty lines, up to two more.
    private func readOutput(_ position: inout Int) -> Range<Int> {
        let isLong = position < lines.count && lines[position] == "----"
        if isLong { position += 1 }
        let start = position
        while position < lines.count {
            let text = lines[position].trimmingCharacters(in: .whitespaces)
            if isLong ? text == "----" && lines[position + 1] == "----" : text.isEmpty { break }
            position += 1
        }
        defer { if isLong { position += 2 } }
        return start..<min(position, lines.count)
    }

    private static func words(_ directive: String) -> [Argument] {
        var words = [""]
        var depth = 0
        for character in directive {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == " ", depth == 0 { words.append("") } else { words[words.count - 1].append(character) }
        }
        return words.filter { !$0.isEmpty }.map { word in
            guard let equals = word.firstIndex(of: "=") else { return Argument(key: word, values: []) }
            let value = word[word.index(after: equals)...].trimmingCharacters(in: CharacterSet(charactersIn: "()"))
            let values = value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return Argument(key: String(word[..<equals]), values: values)
        }
    }

    /// Makes the output of one step wrong, for the test of the tests.
    mutating func changeOutput(of position: Int) {
        steps[position].expected = steps[position].expected.replacingOccurrences(of: "Term:", with: "Term:9")
    }

    /// The same file with `outputs` in the place of the expected ones, in the order of `steps`.
    func replacing(_ outputs: [String]) -> String {
        var lines = lines
        for (step, output) in zip(steps, outputs).reversed() {
            let output = output.trimmingCharacters(in: .newlines).components(separatedBy: "\n")
            lines.replaceSubrange(step.outputLines, with: output)
        }
        return lines.joined(separator: "\n")
    }
}

/// Why a script cannot be run.
struct ScriptRefusal: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What runs the commands of one script.
protocol ScriptRunner {
    /// - Throws: `ScriptRefusal` when the script asks for something that is left out.
    mutating func run(_ step: Script.Step) throws -> String
}
