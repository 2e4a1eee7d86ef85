from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from depsim.kernels import normals
from depsim.kernels.arguments import NoiseAddress
from depsim.stages import STAGES
from depsim.streams import CUDA_BLOCK_STEPS, CpuNoise, Purpose, Section, Streams, words
from tests.tiny import CPU


def first_numbers(streams: Streams, purpose: Purpose, *key: int) -> list[list[float]]:
    return [generator.random(4).tolist() for generator in streams.numpy(purpose, *key)]


def test_a_stream_is_the_documented_seed_sequence() -> None:
    expected = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(2, 0, 1))).random(4).tolist()
    assert first_numbers(Streams((7,)), Purpose.ORDER, 0, 1) == [expected]


def test_the_numbers_that_address_streams_never_change() -> None:
    assert [(p.name, int(p)) for p in Purpose] == [
        ("INIT", 1),
        ("ORDER", 2),
        ("PATHOLOGY", 3),
        ("TREATMENT", 4),
        ("EXAM", 5),
        ("DECISION", 6),
        ("TRAIT", 7),
    ]
    sections = [("BASELINE", 0), ("PATHOLOGY", 1), ("TREATMENT", 2), ("FOLLOW_UP", 3)]
    assert [(s.name, int(s)) for s in Section] == sections
    assert [Section.cycle(number) for number in range(3)] == [3, 4, 5]
    assert STAGES == ("healthy", "depressed", "treated", "withdrawn", "relapsed")
    assert CUDA_BLOCK_STEPS == 8


def test_every_individual_purpose_and_key_has_numbers_of_its_own() -> None:
    addresses = itertools.product((0, 1, 42), Purpose, ((), (0,), (1,), (0, 0), (0, 1), (2,), (2, 1)))
    seen = [tuple(first_numbers(Streams((seed,)), purpose, *key)[0]) for seed, purpose, key in addresses]
    assert len(set(seen)) == len(seen) == 3 * 7 * 7


def test_an_individual_draws_the_same_alone_and_in_any_company() -> None:
    alone = first_numbers(Streams((7,)), Purpose.INIT)[0]
    assert first_numbers(Streams((3, 7, 9)), Purpose.INIT)[1] == alone
    assert first_numbers(Streams((7, 8)), Purpose.INIT)[0] == alone


def test_a_further_draw_for_one_purpose_shifts_no_other() -> None:
    streams = Streams((5, 6))
    before = {purpose: first_numbers(streams, purpose) for purpose in Purpose}
    for generator in streams.numpy(Purpose.TREATMENT):
        generator.random(1000)
    noise = streams.noise(3, 4, CPU, Purpose.TREATMENT, 2)
    for _ in range(3):
        noise.block()
    assert {purpose: first_numbers(streams, purpose) for purpose in Purpose} == before


def test_global_generators_neither_matter_nor_move() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    one = Streams((5,)).noise(3, 4, CPU, Purpose.EXAM).block().clone()
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(Streams((5,)).noise(3, 4, CPU, Purpose.EXAM).block(), one)


def test_a_held_stream_is_the_holders_for_everyone_and_the_others_stay_their_own() -> None:
    held = Streams((3, 4), {Purpose.INIT: 9})
    nine = first_numbers(Streams((9,)), Purpose.INIT)[0]
    assert first_numbers(held, Purpose.INIT) == [nine, nine]
    assert first_numbers(held, Purpose.ORDER) == first_numbers(Streams((3, 4)), Purpose.ORDER)


def test_holding_seed_0_is_not_holding_nothing() -> None:
    zero = first_numbers(Streams((0,)), Purpose.ORDER)[0]
    assert first_numbers(Streams((3, 4), {Purpose.ORDER: 0}), Purpose.ORDER) == [zero, zero]


def test_a_noise_block_has_one_row_per_sample_for_each_individual() -> None:
    assert Streams((1, 2, 3)).noise(5, 7, CPU, Purpose.EXAM).block().shape == (3, 5, 7)


def test_noise_is_the_individuals_own_in_any_company() -> None:
    company = Streams((1, 2, 3)).noise(5, 7, CPU, Purpose.EXAM, 4)
    alone = Streams((2,)).noise(5, 7, CPU, Purpose.EXAM, 4)
    for _ in range(3):
        assert torch.equal(company.block()[1], alone.block()[0])


def test_successive_blocks_and_different_keys_differ() -> None:
    noise = Streams((1,)).noise(5, 7, CPU, Purpose.EXAM, 4)
    blocks = [noise.block().clone(), noise.block().clone(), Streams((1,)).noise(5, 7, CPU, Purpose.EXAM, 5).block()]
    for one, other in itertools.combinations(blocks, 2):
        assert not (one == other).any()


def test_noise_is_standard_normal() -> None:
    block = Streams((11,)).noise(250, 800, CPU, Purpose.EXAM).block().double()
    count = block.numel()
    assert abs(float(block.mean())) < 4 / count**0.5
    assert abs(float(block.var()) - 1) < 4 * (2 / count) ** 0.5
    assert abs(float((block.abs() > 1.96).double().mean()) - 0.05) < 4 * (0.05 * 0.95 / count) ** 0.5


def cpu_noise(seeds: tuple[int, ...] = (1, 2, 3), rows: int = 10, units: int = 7) -> CpuNoise:
    noise = Streams(seeds).noise(rows, units, CPU, Purpose.EXAM, 4)
    assert isinstance(noise, CpuNoise)
    return noise


def numbers_at(address: NoiseAddress, unit: int) -> np.ndarray:
    row = np.full(address.room.size, np.nan, dtype=np.float32)
    normals.fill_unit(address.key, address.step, unit, row)
    return row


def test_noise_on_a_cpu_is_keyed_by_the_state_of_the_documented_seed_sequence() -> None:
    (address,) = cpu_noise((7,)).addresses()
    assert address.key.dtype == np.uint32
    assert address.key.tolist() == np.random.SeedSequence(7, spawn_key=(5, 4)).generate_state(2, np.uint32).tolist()


@pytest.mark.parametrize("rows", [1, 3, 4, 10, 96, 128])
def test_a_block_holds_the_numbers_at_its_addresses_unit_by_unit(rows: int) -> None:
    noise, located = cpu_noise(rows=rows), cpu_noise(rows=rows)
    for step in range(3):
        block, addresses = noise.block(), located.addresses()
        assert block.shape == (3, rows, 7)
        assert [address.step for address in addresses] == [step] * 3
        assert {address.room.size for address in addresses} == {-(-rows // 4) * 4}
        for own, address in zip(block, addresses, strict=True):
            for unit in range(7):
                assert own[:, unit].tolist() == numbers_at(address, unit)[:rows].tolist()


def test_one_individuals_part_of_the_noise_is_its_part_of_the_block() -> None:
    noise, apart = cpu_noise(), cpu_noise()
    for _ in range(3):
        block, parts = noise.block(), apart.split()
        assert len(parts) == 3
        for own, part in zip(block, parts, strict=True):
            assert torch.equal(part.block(), own[None])


def test_a_part_can_be_located_and_a_part_of_one_is_the_whole() -> None:
    (address,) = cpu_noise((2,)).addresses()
    ((_, part, _), (whole,)) = cpu_noise().split(), cpu_noise((2,)).split()
    (located,) = part.addresses()
    assert (located.key.tolist(), located.step) == (address.key.tolist(), address.step)
    assert torch.equal(whole.block(), cpu_noise((2,)).block())


@pytest.mark.parametrize("skip", ["block", "addresses", "split"])
def test_every_way_to_take_a_block_moves_on_by_one(skip: str) -> None:
    plain, mixed = cpu_noise(), cpu_noise()
    blocks = [plain.block().clone() for _ in range(4)]
    assert torch.equal(mixed.block(), blocks[0])
    for _ in range(2):
        getattr(mixed, skip)()
    assert torch.equal(mixed.block(), blocks[3])


def test_a_part_that_is_asked_again_does_not_move_the_whole() -> None:
    noise, plain = cpu_noise(), cpu_noise()
    for part in noise.split():
        part.block(), part.block()
    plain.block()
    assert torch.equal(noise.block(), plain.block())


def test_taking_a_few_rows_of_a_block_shifts_nothing() -> None:
    one, other = cpu_noise(), cpu_noise()
    few = one.block()[:, :3].clone()
    assert torch.equal(few, other.block()[:, :3])
    assert torch.equal(one.block(), other.block())


def test_more_units_leave_the_numbers_of_the_first() -> None:
    few, many = cpu_noise(units=7), cpu_noise(units=12)
    for _ in range(2):
        assert torch.equal(few.block(), many.block()[..., :7])


@pytest.mark.parametrize("value", [0.3, 0.5, 1.0, 2.5, 1e-300, 3.0])
def test_words_are_the_bits_of_a_float(value: float) -> None:
    low, high = words(value)
    assert (high << 32 | low) == int(np.float64(value).view(np.uint64))


def test_close_floats_have_different_words() -> None:
    assert words(0.5) != words(float(np.nextafter(0.5, 1)))
