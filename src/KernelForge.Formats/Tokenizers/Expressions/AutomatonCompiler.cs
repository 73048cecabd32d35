using System.Runtime.InteropServices;

namespace KernelForge.Formats.Tokenizers;

/// <summary>
/// Makes a deterministic automaton of an expression. A state is an ordered list of the program's states, most preferred first; where one of them ends
/// the match, those behind it are dropped, so that the automaton finds what a backtracking matcher would. A look ahead is decided when the next
/// character is read: whether a match ends is a property of a transition.
/// </summary>
internal sealed class AutomatonCompiler
{
    private const int MostStates = 0x7FFF;
    private const int MostCells = 1 << 20;
    private const int MostNumbers = 1 << 20;
    private const int MostVisits = 1 << 25;
    private const ushort Ends = 0x8000;
    private const int OverBytesFlag = 1;
    private const int FallsBackFlag = 2;

    private readonly Program _program;
    private readonly Alphabet _alphabet;
    private readonly Dictionary<int[], int>.AlternateLookup<ReadOnlySpan<int>> _numbers = new Dictionary<int[], int>(SameNumbers.Instance).GetAlternateLookup<ReadOnlySpan<int>>();
    private readonly List<int[]> _lists = [];
    private readonly List<ushort[]> _rows = [];
    private readonly Stack<int> _pending = [];
    private readonly List<int> _next = [];
    private readonly int[] _seen;
    private readonly int[] _added;
    private int _visit;
    private int _visits;
    private int _listed;

    private AutomatonCompiler(Program program)
    {
        _program = program;
        _alphabet = new Alphabet(program.States.Select(static state => state.Set));
        _seen = new int[program.States.Count];
        _added = new int[program.States.Count];
    }

    /// <summary>The bytes of an expression's automaton (docs/packed-tokenizer.md).</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="overBytes">Whether it reads bytes, each as the character by which byte-level vocabularies spell it.</param>
    /// <exception cref="ExpressionException">It is wrong, or not supported.</exception>
    public static byte[] Compile(string pattern, bool overBytes = false) => Compile(Parser.Parse(pattern), overBytes);

    /// <summary>The bytes of a set's automaton: it matches one character.</summary>
    public static byte[] Compile(Node node, bool overBytes = false)
    {
        var compiler = new AutomatonCompiler(Program.Of(node));
        compiler.Number([]);
        compiler.Number([compiler._program.Start]);
        for (var i = 0; i < compiler._lists.Count; i++)
            compiler._rows.Add(i == 0 ? new ushort[compiler._alphabet.Count] : compiler.Row(compiler._lists[i]));
        return compiler.Write(overBytes);
    }

    private ushort[] Row(int[] list)
    {
        var row = new ushort[_alphabet.Count];
        for (var found = 0; found < row.Length; found++)
        {
            _next.Clear();
            _visit++;
            var ends = false;
            foreach (var state in list)
            {
                if (Follow(state, found))
                {
                    ends = true;
                    break;
                }
            }

            row[found] = (ushort)(Number(CollectionsMarshal.AsSpan(_next)) | (ends ? Ends : 0));
        }

        return row;
    }

    /// <summary>Goes on from a state before a character of a class, in order of preference; whether the match ends, which leaves out what is behind.</summary>
    private bool Follow(int index, int found)
    {
        _pending.Clear();
        _pending.Push(index);
        while (_pending.TryPop(out var number))
        {
            if (_seen[number] == _visit)
                continue;
            if (++_visits > MostVisits)
                throw TooLarge();
            _seen[number] = _visit;
            var state = _program.States[number];
            switch (state.Kind)
            {
                case Program.StateKind.Match:
                    return true;
                case Program.StateKind.Read when _added[state.Next] != _visit && _alphabet.Holds(state.Set, found):
                    _added[state.Next] = _visit;
                    _next.Add(state.Next);
                    break;
                case Program.StateKind.Look when found == 0 ? state.HoldsAtEnd : _alphabet.Holds(state.Set, found):
                    _pending.Push(state.Next);
                    break;
                case Program.StateKind.Fork:
                    _pending.Push(state.Other);
                    _pending.Push(state.Next);
                    break;
            }
        }

        return false;
    }

    private int Number(ReadOnlySpan<int> list)
    {
        if (_numbers.TryGetValue(list, out var number))
            return number;
        _listed += list.Length;
        if (_lists.Count == MostStates || _lists.Count * _alphabet.Count > MostCells || _listed > MostNumbers)
            throw TooLarge();
        var states = list.ToArray();
        _numbers.Dictionary.Add(states, _lists.Count);
        _lists.Add(states);
        return _lists.Count - 1;
    }

    private static ExpressionException TooLarge() => new("its automaton has too many states");

    /// <summary>
    /// Whether a search may read without bound and find no match there: a circle of states in which no transition ends a match. Then failures must be
    /// remembered for a search to stay linear.
    /// </summary>
    private bool FallsBack()
    {
        var marks = new byte[_rows.Count];
        for (var start = 1; start < _rows.Count; start++)
        {
            if (marks[start] == 0 && HasCircle(start, marks))
                return true;
        }

        return false;
    }

    private bool HasCircle(int start, byte[] marks)
    {
        var path = new Stack<(int State, int Class)>([(start, 0)]);
        marks[start] = 1;
        while (path.TryPop(out var top))
        {
            if (top.Class == _alphabet.Count)
            {
                marks[top.State] = 2;
                continue;
            }

            path.Push((top.State, top.Class + 1));
            var entry = _rows[top.State][top.Class];
            var next = entry & ~Ends;
            if (next == 0 || top.Class == 0 || (entry & Ends) != 0)
                continue;
            if (marks[next] == 1)
                return true;
            if (marks[next] == 0)
            {
                marks[next] = 1;
                path.Push((next, 0));
            }
        }

        return false;
    }

    private byte[] Write(bool overBytes)
    {
        var (map, blocks) = overBytes ? (_alphabet.OverBytes(), 0) : CharacterMapBytes.Write(_alphabet.OverCharacters());
        uint[] header = [(uint)_alphabet.Count, (uint)_rows.Count, (uint)((overBytes ? OverBytesFlag : 0) | (FallsBack() ? FallsBackFlag : 0)), (uint)blocks];
        return
        [
            .. MemoryMarshal.AsBytes(header.AsSpan()),
            .. map,
            .. _rows.SelectMany(static row => MemoryMarshal.AsBytes(row.AsSpan()).ToArray()),
        ];
    }

    private sealed class SameNumbers : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
    {
        public static readonly SameNumbers Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(int[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<int> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(alternate));
            return hash.ToHashCode();
        }

        public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
    }
}
