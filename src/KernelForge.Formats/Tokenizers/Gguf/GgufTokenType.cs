namespace KernelForge.Formats.Tokenizers;

/// <summary>GGUF's types of tokens.</summary>
internal enum GgufTokenType
{
    /// <summary>Text.</summary>
    Normal = 1,

    /// <summary>Stands for what is not known.</summary>
    Unknown = 2,

    /// <summary>Has a meaning, not a text.</summary>
    Control = 3,

    /// <summary>A word that is always found whole.</summary>
    UserDefined = 4,

    /// <summary>Text that training never saw.</summary>
    Unused = 5,

    /// <summary>A single byte, spelled <c>&lt;0x0A&gt;</c>.</summary>
    Byte = 6,
}
