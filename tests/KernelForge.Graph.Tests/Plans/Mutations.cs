using System.Reflection;
using System.Runtime.CompilerServices;

namespace KernelForge.Graph.Tests.Plans;

/// <summary>Copies of a record that differ from it in one field each, however deep.</summary>
internal static class Mutations
{
    public static IEnumerable<(string What, object Changed)> Of(object record)
    {
        foreach (var property in record.GetType().GetProperties().Where(property => property.CanWrite))
        {
            foreach (var (what, value) in Values(property.GetValue(record), property.PropertyType))
                yield return ($"{record.GetType().Name}.{property.Name}{what}", With(record, property, value));
        }
    }

    private static IEnumerable<(string What, object? Value)> Values(object? value, Type type) => value switch
    {
        int number => [(string.Empty, number + 1)],
        long number => [(string.Empty, number + 1)],
        float number => [(string.Empty, MathF.BitIncrement(number))],
        double number => [(string.Empty, Math.BitIncrement(number))],
        bool flag => [(string.Empty, !flag)],
        string text => [(string.Empty, text + "x")],
        Enum => [(string.Empty, Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value)))],
        null => [],
        _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EquatableArray<>) =>
            (IEnumerable<(string, object?)>)typeof(Mutations).GetMethod(nameof(OfArray), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [value])!,
        _ => Of(value).Select(mutation => ("." + mutation.What, (object?)mutation.Changed)),
    };

    private static IEnumerable<(string, object?)> OfArray<T>(EquatableArray<T> array)
    {
        for (var i = 0; i < array.Count; i++)
        {
            foreach (var (what, value) in Values(array[i], array[i]!.GetType()))
                yield return ($"[{i}]{what}", array.Select((item, j) => j == i ? (T)value! : item).ToEquatableArray());
        }

        if (array.Count > 0)
            yield return (" without its last", array.Take(array.Count - 1).ToEquatableArray());
    }

    private static object With(object record, PropertyInfo property, object? value)
    {
        var copy = record is ValueType ? RuntimeHelpers.GetObjectValue(record) : record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        property.SetValue(copy, value);
        return copy;
    }
}
