namespace KernelForge.Formats.Gguf;

/// <summary>Types of metadata values; the numbers are GGUF's.</summary>
public enum GgufType
{
    /// <summary>Unsigned byte.</summary>
    UInt8 = 0,

    /// <summary>Signed byte.</summary>
    Int8 = 1,

    /// <summary>Unsigned 16 bits.</summary>
    UInt16 = 2,

    /// <summary>Signed 16 bits.</summary>
    Int16 = 3,

    /// <summary>Unsigned 32 bits.</summary>
    UInt32 = 4,

    /// <summary>Signed 32 bits.</summary>
    Int32 = 5,

    /// <summary>binary32.</summary>
    Float32 = 6,

    /// <summary>One byte, 0 or 1.</summary>
    Boolean = 7,

    /// <summary>UTF-8 with a length before it.</summary>
    String = 8,

    /// <summary>Element type, count, elements.</summary>
    Array = 9,

    /// <summary>Unsigned 64 bits.</summary>
    UInt64 = 10,

    /// <summary>Signed 64 bits.</summary>
    Int64 = 11,

    /// <summary>binary64.</summary>
    Float64 = 12,
}
