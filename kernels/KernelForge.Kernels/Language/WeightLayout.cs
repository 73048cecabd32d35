namespace KernelForge.Kernels;

/// <summary>Byte layouts of packed matrices (docs/packed-format.md). A constant of templates; the numbers are those of the plan's layouts.</summary>
public enum WeightLayout
{
    /// <summary>576 bytes per 32 rows x 32 columns: (code - 8) * scale.</summary>
    Int4 = 0,

    /// <summary>640 bytes per 32 rows x 32 columns: code * scale + minimum.</summary>
    Int4Minimum = 1,

    /// <summary>1,088 bytes per 32 rows x 32 columns: (code - 128) * scale.</summary>
    Int8 = 2,

    /// <summary>binary32, 32 rows of a column side by side.</summary>
    Float32 = 3,

    /// <summary>binary16, 32 rows of a column side by side.</summary>
    Float16 = 4,

    /// <summary>bfloat16, 32 rows of a column side by side.</summary>
    BFloat16 = 5,
}
