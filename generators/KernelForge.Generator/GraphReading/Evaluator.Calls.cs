using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace KernelForge.Generator.GraphReading;

/// <content>Calls.</content>
internal sealed partial class Evaluator
{
    private const int MostLayers = 4096;
    private readonly Dictionary<object, Arguments> _calls = new(SameObject.Instance);

    /// <summary>The call that made a part, or null.</summary>
    public CallPlaces? PlacesOf(Part part) => _calls.TryGetValue(part, out var call) ? PlacesOf(call) : null;

    /// <summary>Where a call stands, its arguments, and those of calls inside them.</summary>
    public CallPlaces PlacesOf(Arguments call)
    {
        var places = call.Places;
        var inner = call.Written.Select(call.Value).Where(value => value is not null && _calls.ContainsKey(value)).SelectMany(value => PlacesOf(_calls[value!]).Arguments);
        return places with { Arguments = places.Arguments.Concat(inner).ToEquatableArray() };
    }

    /// <summary>Applies a function.</summary>
    public object? Apply(FunctionValue function, IReadOnlyList<object?> arguments, IOperation at)
    {
        Step(at);
        var scope = function.Scope.Inner();
        for (var i = 0; i < function.Parameters.Count && i < arguments.Count; i++)
            scope.Declare(function.Parameters[i], arguments[i]);
        _depth++;
        var isDone = Run(function.Body, scope, out var result);
        _depth--;
        return isDone ? result : throw Unsupported(at.Syntax, "This gives no value.");
    }

    /// <summary>The body of a user's method or local function.</summary>
    public FunctionValue Function(IMethodSymbol method, IOperation at, Scope scope)
    {
        // A partial method has its body in its other part.
        method = method.PartialImplementationPart ?? method;
        if (SyntaxOf(method) is not { } syntax || !(method.IsStatic || method.MethodKind == MethodKind.LocalFunction) || method.IsAsync)
            throw NotConstant(at.Syntax, $"{method.Name} would have to be run. A declaration may call your own static methods, the methods of the graph language, and a few of System.Math.");
        var body = OperationOf(syntax) switch
        {
            IMethodBodyOperation of => of.BlockBody ?? of.ExpressionBody,
            ILocalFunctionOperation of => of.Body ?? of.IgnoredBody,
            _ => null,
        };
        if (body is null)
            throw NotConstant(at.Syntax, $"{method.Name} has no body that could be read here.");
        return new FunctionValue(method.OriginalDefinition.Parameters, body, method.MethodKind == MethodKind.LocalFunction ? scope : new Scope(null));
    }

    private object? Invoke(IInvocationOperation invocation, Scope scope)
    {
        var method = invocation.TargetMethod;
        if (IsOfLanguage(method.ContainingType))
            return InvokeLanguage(invocation, scope);
        var values = invocation.Arguments.OrderBy(argument => argument.Parameter?.Ordinal ?? 0).Select(argument => Evaluate(argument.Value, scope)).ToList();
        if (method.ContainingType is { Name: "Math", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } })
            return Arithmetic.Math(method.Name, values, invocation.Syntax);
        if (invocation.Arguments.Any(argument => argument.Parameter is not { RefKind: RefKind.None }))
            throw Unsupported(invocation.Syntax, "A declaration cannot pass anything by reference.");
        return Apply(Function(method, invocation, scope), values, invocation);
    }

    private object? Create(IObjectCreationOperation creation, Scope scope)
    {
        if (creation.Type is not INamedTypeSymbol type || !IsOfLanguage(type) || !LanguageCalls.Objects.TryGetValue(type.Name + ".new", out var make))
            throw Unsupported(creation.Syntax, "A declaration cannot make objects other than those of the graph language.");
        return Remember(make, Collect(creation.Arguments, creation.Syntax, scope));
    }

    private object InvokeLanguage(IInvocationOperation invocation, Scope scope)
    {
        var method = invocation.TargetMethod;
        var receiver = invocation.Instance is null ? null : Evaluate(invocation.Instance, scope);
        if (method.ContainingType.Name == "Value" && receiver is null)
            throw NotConstant(invocation.Syntax, "There is no value here that the graph could continue.");
        var call = Collect(invocation.Arguments, invocation.Syntax, scope);
        switch (receiver)
        {
            case ReadValue value when method.Name == "Layers":
                return Layers(value, call, method, invocation);
            case ReadValue value when LanguageCalls.Parts.TryGetValue(method.Name, out var make):
                foreach (var parameter in method.Parameters)
                {
                    if (call.Value(parameter.Name) is FunctionValue branch)
                        call.Replace(parameter.Name, Branch(branch, invocation, call.At(parameter.Name)));
                }

                return value.Then((Part)Remember(make, call));
            case TensorScheme scheme:
                return LanguageCalls.With(scheme, call);
            case null when method.ContainingType.Name == "Graph":
                return new ReadValue(new GraphRoot(call, method.Name == "Encoder"), null, null);
            case null when LanguageCalls.Objects.TryGetValue(method.ContainingType.Name + "." + method.Name, out var make):
                return Remember(make, call);
            default:
                throw Unsupported(invocation.Syntax, $"{method.Name} has no meaning in a declaration.");
        }
    }

    private object Remember(Func<Arguments, object> make, Arguments call)
    {
        var made = make(call);
        _calls[made] = call;
        return made;
    }

    private Arguments Collect(IEnumerable<IArgumentOperation> arguments, SyntaxNode syntax, Scope scope)
    {
        var call = new Arguments(syntax, NameOf(syntax));
        foreach (var argument in arguments)
            call.Add(argument.Parameter?.Name ?? throw new InvalidCodeException(argument.Syntax), Evaluate(argument.Value, scope), argument.ArgumentKind == ArgumentKind.Explicit ? argument.Value.Syntax : null);
        return call;
    }

    private EquatableArray<Part> Branch(FunctionValue function, IOperation at, SyntaxNode place, params object?[] more)
    {
        var start = new ReadValue(new GraphRoot(null, IsEncoder: false), null, null);
        if (Apply(function, [start, .. more], at) is not ReadValue end || !ReferenceEquals(end.Root, start.Root))
            throw new ReadException(DeclarationCodes.BranchDetached, "This function must continue the value that it is given, and gives back another one.", place);
        return end.Parts() is { Count: > 0 } parts
            ? parts
            : throw new ReadException(DeclarationCodes.BranchDetached, "This function gives back what it is given. Say what happens to it, for example x => x.RmsNorm().", place);
    }

    private ReadValue Layers(ReadValue value, Arguments call, IMethodSymbol method, IOperation at)
    {
        var first = method.Parameters[0].Name;
        var range = call.Value(first) switch
        {
            RangeValue given => given,
            int count when count is >= 1 and <= MostLayers => new RangeValue(value.LastStored + 1, value.LastStored + 1 + count),
            int count => throw new ReadException(DeclarationCodes.SizeRange, $"count is {count}; it must lie between 1 and {MostLayers}.", call.At(first)),
            _ => throw NotConstant(call.At(first), $"{first} must be known at compile time."),
        };
        if (range.Start < 0 || range.End <= range.Start || range.End > MostLayers)
            throw new ReadException(DeclarationCodes.LayerRange, $"The range {range.Start}..{range.End} holds no layers. Write the first layer and the one after the last, at most {MostLayers}.", call.At(first));
        var function = call.Object<FunctionValue>("layer");
        for (var stored = range.Start; stored < range.End; stored++)
        {
            var layer = new LayerPart(stored, Branch(function, at, call.At("layer"), value.LayerCount));
            // A problem of which layers is one of the call's first argument, whatever that is called.
            _calls[layer] = call;
            value = value.Then(layer);
        }

        return value;
    }

    private sealed class SameObject : IEqualityComparer<object>
    {
        public static readonly SameObject Instance = new();

        bool IEqualityComparer<object>.Equals(object? x, object? y) => ReferenceEquals(x, y);

        int IEqualityComparer<object>.GetHashCode(object value) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value);
    }
}
