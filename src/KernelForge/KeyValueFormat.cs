namespace KernelForge;

/// <summary>How cached keys and values are stored.</summary>
public enum KeyValueFormat
{
    /// <summary>binary16: the default of most models.</summary>
    F16 = 0,

    /// <summary>INT8 with one float32 scale per head and token: about half of f16.</summary>
    Int8 = 1,

    /// <summary>binary32: exact, twice f16.</summary>
    F32 = 2,
}
