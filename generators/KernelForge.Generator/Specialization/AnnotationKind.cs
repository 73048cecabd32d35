namespace KernelForge.Generator.Specialization;

/// <summary>What a span of a template is. Written by <c>KernelForge.Templates</c>, read by the specialiser; the value is the letter in the resource.</summary>
internal enum AnnotationKind
{
    /// <summary>A name; the payload, qualified from <c>global::</c>, stands for it.</summary>
    Name = 'N',

    /// <summary>An alias of a vector type; the payload is the keyword of its element.</summary>
    Vector = 'V',

    /// <summary>The invoked expression of a call of a template method; the payload is <c>Class.Method</c>, or <c>Simd.Method</c>.</summary>
    Method = 'M',

    /// <summary>The invoked expression of a call of the epilogue hole.</summary>
    Epilogue = 'E',

    /// <summary>A constant of a template class; the payload is <c>Class.Name</c>, or <c>Simd.Name</c>.</summary>
    Field = 'D',

    /// <summary>An expression of known value; the payload is <c>int=5</c>, <c>bool=1</c> or <c>global::Some.Enum=2</c>.</summary>
    Constant = 'C',

    /// <summary>The type <c>Registers&lt;T&gt;</c>.</summary>
    Registers = 'R',

    /// <summary>A call of <c>Unroll.Range</c>.</summary>
    Unroll = 'U',

    /// <summary>The name of a constant parameter in its declaration; the payload is <c>int</c>, <c>bool</c> or an enum.</summary>
    ConstantParameter = 'P',

    /// <summary>The name of a local or parameter that is never written after its declaration; the payload is as above, or empty for other types.</summary>
    Fixed = 'F',

    /// <summary>An operator on integers or pointers whose result has the type of its left operand (<c>l</c>), its right one (<c>r</c>) or both (<c>lr</c>).</summary>
    Integral = 'I',

    /// <summary>A call of an extension method; the payload is its qualified name.</summary>
    Extension = 'Z',

    /// <summary>A <c>?:</c> or <c>switch</c> expression of another type than one of its branches; the payload is its type.</summary>
    Typed = 'X',

    /// <summary>The opening parenthesis of a call that is inlined; the payload has a <c>1</c> for each argument that is a constant
    /// or an unchanging local of the parameter's very type, and so can stand for it.</summary>
    Arguments = 'A',
}
