namespace KernelForge.Plans;

/// <summary>The canonical binary form of a plan: the same bytes in every process and on every framework. Its SHA-256 is the plan's hash.</summary>
public static class PlanEncoding
{
    /// <summary>Encodes a plan.</summary>
    public static byte[] Encode(Plan plan) => throw new NotSupportedException();

    /// <summary>Decodes what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are damaged or of another version; the message says at which byte.</exception>
    public static Plan Decode(byte[] bytes) => throw new NotSupportedException();

    /// <summary>SHA-256 of the encoding: 32 bytes.</summary>
    public static byte[] Hash(Plan plan) => throw new NotSupportedException();
}
