namespace KernelForge.Kernels;

/// <summary>
/// The hole that a template leaves for what happens to its results. Specialising puts the <c>Apply</c> of an epilogue template there
/// (<c>ResidualEpilogue</c>, ...), which must have the parameters of the overload that the template calls.
/// </summary>
public static partial class Epilogue;
