using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Checks;

/// <summary>
/// Which checks to carry out, in the language of <c>dotnet test --filter</c>: <c>Property operator value</c>, with <c>=</c>, <c>!=</c>,
/// <c>~</c> (contains) and <c>!~</c>, joined by <c>&amp;</c> and, weaker, <c>|</c>, with parentheses; <c>\</c> before any of these takes it
/// literally. Text alone means <c>FullyQualifiedName~text</c>. Letters' case does not matter.
/// See https://learn.microsoft.com/dotnet/core/testing/selective-unit-tests.
/// </summary>
public sealed class CheckFilter
{
    private const string FullName = "FullyQualifiedName";
    private const char Escape = '\\';

    private static readonly Dictionary<string, Func<string, CheckDescription, string>> Properties = new(StringComparer.OrdinalIgnoreCase)
    {
        [FullName] = (instance, check) => FullNameOf(instance, check),
        ["Name"] = (_, check) => check.Name,
        ["DisplayName"] = (_, check) => check.Name,
    };

    // Longer ones first.
    private static readonly string[] Operators = ["!=", "!~", "=", "~"];

    private readonly string _text;
    private readonly Func<string, CheckDescription, bool> _matches;
    private int _position;

    /// <summary>Reads a filter; an empty one lets all checks through.</summary>
    /// <exception cref="LavaException">It is malformed, or names a property that checks do not have (LAVA5092).</exception>
    public CheckFilter(string text)
    {
        _text = text.Trim();
        if (_text.Length == 0)
        {
            _matches = (_, _) => true;
            return;
        }

        _matches = ReadAlternatives();
        if (_position < _text.Length)
        {
            throw Malformed("')' closes nothing");
        }
    }

    /// <summary>What <c>FullyQualifiedName</c> of a check is: the instance's name, a dot, and its own.</summary>
    public static string FullNameOf(string instance, CheckDescription check) => $"{instance}.{check.Name}";

    /// <summary>Whether a check of an instance is to be carried out.</summary>
    public bool Matches(string instance, CheckDescription check) => _matches(instance, check);

    private Func<string, CheckDescription, bool> ReadAlternatives()
    {
        Func<string, CheckDescription, bool> left = ReadAll();
        while (Take('|'))
        {
            Func<string, CheckDescription, bool> one = left;
            Func<string, CheckDescription, bool> other = ReadAll();
            left = (instance, check) => one(instance, check) || other(instance, check);
        }

        return left;
    }

    private Func<string, CheckDescription, bool> ReadAll()
    {
        Func<string, CheckDescription, bool> left = ReadOne();
        while (Take('&'))
        {
            Func<string, CheckDescription, bool> one = left;
            Func<string, CheckDescription, bool> other = ReadOne();
            left = (instance, check) => one(instance, check) && other(instance, check);
        }

        return left;
    }

    private Func<string, CheckDescription, bool> ReadOne()
    {
        if (!Take('('))
        {
            return ReadCondition();
        }

        Func<string, CheckDescription, bool> inner = ReadAlternatives();
        return Take(')') ? inner : throw Malformed("'(' is not closed");
    }

    private Func<string, CheckDescription, bool> ReadCondition()
    {
        int start = _position;
        while (_position < _text.Length && !"()&|".Contains(_text[_position], StringComparison.Ordinal))
        {
            _position += _text[_position] == Escape && _position + 1 < _text.Length ? 2 : 1;
        }

        string condition = _text[start.._position];
        if (string.IsNullOrWhiteSpace(condition))
        {
            throw Malformed("a condition is missing");
        }

        (string name, string operation, string value) = Split(condition);
        if (!Properties.TryGetValue(name, out Func<string, CheckDescription, string>? property))
        {
            throw Malformed($"checks have no '{name}'.{NearestName.Advice(Properties.Keys, name).TrimEnd('.')}");
        }

        bool contains = operation.EndsWith('~');
        bool wanted = !operation.StartsWith('!');
        return (instance, check) => wanted == (contains
            ? property(instance, check).Contains(value, StringComparison.OrdinalIgnoreCase)
            : property(instance, check).Equals(value, StringComparison.OrdinalIgnoreCase));
    }

    private (string Name, string Operation, string Value) Split(string condition)
    {
        for (int i = 0; i < condition.Length; i += condition[i] == Escape ? 2 : 1)
        {
            if (Operators.FirstOrDefault(operation => condition.AsSpan(i).StartsWith(operation)) is { } found)
            {
                string name = Unescape(condition[..i]);
                string value = Unescape(condition[(i + found.Length)..]);
                return name.Length == 0 ? throw Malformed($"'{found}' stands without a name before it") : (name, found, value);
            }
        }

        return (FullName, "~", Unescape(condition));
    }

    private static string Unescape(string text)
    {
        System.Text.StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            i += text[i] == Escape && i + 1 < text.Length ? 1 : 0;
            plain.Append(text[i]);
        }

        return plain.ToString().Trim();
    }

    private bool Take(char letter)
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
        {
            _position++;
        }

        if (_position < _text.Length && _text[_position] == letter)
        {
            _position++;
            return true;
        }

        return false;
    }

    private LavaException Malformed(string reason) => Problem.Error(Strings.BadCheckFilter, SourceLocation.None, _text, reason).ToException();
}
