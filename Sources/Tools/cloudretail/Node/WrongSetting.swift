/// A setting that no node begins with: wrong usage, whether a flag, the environment or a file has it.
protocol WrongSetting: Error, CustomStringConvertible {}
