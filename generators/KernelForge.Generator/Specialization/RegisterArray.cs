namespace KernelForge.Generator.Specialization;

/// <summary>A register array that has become locals: <c>acc</c> of 3 is <c>acc0</c>, <c>acc1</c>, <c>acc2</c>.</summary>
internal sealed class RegisterArray(string prefix, int count)
{
    public int Count { get; } = count;

    public string this[int index] => prefix + index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
