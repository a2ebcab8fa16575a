import Configuration
import Foundation

/// A JSON file of settings: an object that has a text, a number or a truth under each name.
enum SettingsFile {
    enum Fault: WrongSetting, Equatable {
        case unreadable(String)
        case malformed(path: String)
        case unknown(path: String, name: String)
        case otherValue(path: String, name: String)

        var description: String {
            switch self {
            case .unreadable(let reason): reason
            case .malformed(let path): "\(path) is no JSON object of settings."
            case .unknown(let path, let name):
                "\(path) has \"\(name)\", which is no setting. See 'cloudretail serve --help'."
            case .otherValue(let path, let name):
                "\(path) has \"\(name)\" with a value that is no text, number or truth."
            }
        }
    }

    /// - Returns: the text of each setting.
    static func read(_ path: String, names: Set<String>) throws(Fault) -> [String: String] {
        let text: String
        do throws(TextFile.Unreadable) { text = try TextFile.read(path) } catch { throw .unreadable("\(error)") }
        guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(text.utf8)) else {
            throw .malformed(path: path)
        }
        var settings: [String: String] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard names.contains(name) else { throw .unknown(path: path, name: name) }
            guard let text = value.text else { throw .otherValue(path: path, name: name) }
            settings[name] = text
        }
        return settings
    }

    private struct Value: Decodable {
        /// nil for what is neither a text nor a number nor a truth.
        let text: String?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.text = text
            } else if let truth = try? value.decode(Bool.self) {
                text = truth ? "on" : "off"
            } else {
                text = (try? value.decode(Decimal.self)).map { "\($0)" }
            }
        }
    }
}

extension InMemoryProvider {
    /// Settings by their names.
    init(_ name: String, _ settings: [String: String]) {
        let values = settings.map { name, text in
            (AbsoluteConfigKey(ConfigKey(name)), ConfigValue(.string(text), isSecret: false))
        }
        self.init(name: name, values: Dictionary(uniqueKeysWithValues: values))
    }
}
